import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { SUBSCRIPTION_COUNT_MAX } from "./limits.ts";
import { createSubscriptions, type Subscriptions } from "./subscriptions.ts";

function deliver(subscriptions: Subscriptions, sid: string): void {
  const bytes = Buffer.from(sid, "latin1");
  subscriptions.countDelivery(bytes, 0, bytes.length);
}

describe("createSubscriptions", () => {
  it.each([
    ["_INBOX.a.1", "_INBOX.a.1"],
    ["_INBOX.a.*", "_INBOX.a.1"],
    ["_INBOX.>", "_INBOX.a.1"],
    [">", "_INBOX.a.1"],
    ["*", "r"],
    ["*.a", "b.a"],
  ])("finds %s for %s", (pattern, subject) => {
    const subscriptions = createSubscriptions();
    subscriptions.open("1", pattern);
    expect(subscriptions.find(subject)?.sid).toBe("1");
  });

  it.each([
    ["_INBOX.a.*", "_INBOX.ab.1"],
    ["_INBOX.a.*", "_INBOX.a"],
    ["_INBOX.a", "_INBOX.a.1"],
    ["a*", "ab"],
  ])("doesn't find %s for %s", (pattern, subject) => {
    const subscriptions = createSubscriptions();
    subscriptions.open("1", pattern);
    expect(subscriptions.find(subject)).toBeUndefined();
  });

  it("forgets a subscription at UNSUB, and the next with the same subject is found", () => {
    const subscriptions = createSubscriptions();
    subscriptions.open("1", "r");
    subscriptions.open("b", "r");
    subscriptions.open("3", "r.*");
    expect(subscriptions.close("1", 0)).toBe(0);
    expect(subscriptions.find("r")?.sid).toBe("b");
    subscriptions.close("b", 0);
    subscriptions.close("3", 0);
    expect(subscriptions.find("r") ?? subscriptions.find("r.1")).toBeUndefined();
  });

  it("forgets it after its maximum, deliveries before the UNSUB included", () => {
    for (const sid of ["7", "007", "abc", "1234567890"]) {
      const subscriptions = createSubscriptions();
      subscriptions.open(sid, "r");
      deliver(subscriptions, sid);
      expect(subscriptions.close(sid, 3)).toBe(3);
      deliver(subscriptions, sid);
      expect(subscriptions.find("r")).toBeDefined();
      deliver(subscriptions, sid);
      expect(subscriptions.find("r")).toBeUndefined();
    }
  });

  it("tells sids apart that are the same number", () => {
    const subscriptions = createSubscriptions();
    subscriptions.open("7", "a");
    subscriptions.open("07", "b");
    subscriptions.close("07", 0);
    expect([subscriptions.find("a")?.sid, subscriptions.find("b")]).toEqual(["7", undefined]);
  });

  it("keeps the first subscription of a sid, as the server does", () => {
    const subscriptions = createSubscriptions();
    subscriptions.open("1", "a");
    subscriptions.open("1", "b");
    expect([subscriptions.find("a")?.sid, subscriptions.find("b")]).toEqual(["1", undefined]);
  });

  it("passes on the UNSUB of a sid it doesn't know", () => {
    expect(createSubscriptions().close("9", 5)).toBe(5);
  });

  it("opens no more than the bound", () => {
    const subscriptions = createSubscriptions();
    for (let i = 0; i < SUBSCRIPTION_COUNT_MAX; i++) subscriptions.open(String(i + 1), "a");
    expect(subscriptions.open("x", "a")).toBe(false);
    expect(subscriptions.open("1", "a")).toBe(true);
  });
});
