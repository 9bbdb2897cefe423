import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { createSubscriptions, type Subscriptions } from "./subscriptions.ts";

const LIMITS = { countMax: 100, bytesMax: 1_000 };

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
    const subscriptions = createSubscriptions(LIMITS);
    subscriptions.open([pattern, "1"]);
    expect(subscriptions.find(subject)?.sid).toBe("1");
  });

  it.each([
    ["_INBOX.a.*", "_INBOX.ab.1"],
    ["_INBOX.a.*", "_INBOX.a"],
    ["_INBOX.a", "_INBOX.a.1"],
    ["a*", "ab"],
  ])("doesn't find %s for %s", (pattern, subject) => {
    const subscriptions = createSubscriptions(LIMITS);
    subscriptions.open([pattern, "1"]);
    expect(subscriptions.find(subject)).toBeUndefined();
  });

  it("forgets a subscription at UNSUB, and the next with the same subject is found", () => {
    const subscriptions = createSubscriptions(LIMITS);
    subscriptions.open(["r", "1"]);
    subscriptions.open(["r", "b"]);
    subscriptions.open(["r.*", "3"]);
    expect(subscriptions.close("1", 0)).toBe(0);
    expect(subscriptions.find("r")?.sid).toBe("b");
    subscriptions.close("b", 0);
    subscriptions.close("3", 0);
    expect(subscriptions.find("r") ?? subscriptions.find("r.1")).toBeUndefined();
  });

  it("forgets it after its maximum, deliveries before the UNSUB included", () => {
    for (const sid of ["7", "007", "abc", "1234567890"]) {
      const subscriptions = createSubscriptions(LIMITS);
      subscriptions.open(["r", sid]);
      deliver(subscriptions, sid);
      expect(subscriptions.close(sid, 3)).toBe(3);
      deliver(subscriptions, sid);
      expect(subscriptions.find("r")).toBeDefined();
      deliver(subscriptions, sid);
      expect(subscriptions.find("r")).toBeUndefined();
    }
  });

  it("tells sids apart that are the same number", () => {
    const subscriptions = createSubscriptions(LIMITS);
    subscriptions.open(["a", "7"]);
    subscriptions.open(["b", "07"]);
    subscriptions.close("07", 0);
    expect([subscriptions.find("a")?.sid, subscriptions.find("b")]).toEqual(["7", undefined]);
  });

  it("keeps the first subscription of a sid, as the server does", () => {
    const subscriptions = createSubscriptions(LIMITS);
    subscriptions.open(["a", "1"]);
    subscriptions.open(["b", "1"]);
    expect([subscriptions.find("a")?.sid, subscriptions.find("b")]).toEqual(["1", undefined]);
  });

  it("passes on the UNSUB of a sid it doesn't know", () => {
    expect(createSubscriptions(LIMITS).close("9", 5)).toBe(5);
  });

  it("opens no more than the bound", () => {
    const subscriptions = createSubscriptions({ countMax: 2, bytesMax: 1_000 });
    expect([1, 2, 3].map((sid) => subscriptions.open(["a", String(sid)]))).toEqual([true, true, false]);
    expect(subscriptions.open(["a", "1"])).toBe(true);
    subscriptions.close("2", 0);
    expect(subscriptions.open(["a", "3"])).toBe(true);
  });

  it("keeps no more bytes than the bound, queue and sid included", () => {
    const subscriptions = createSubscriptions({ countMax: 100, bytesMax: 10 });
    expect(subscriptions.open(["sub", "queue", "12"])).toBe(true);
    expect(subscriptions.bytes).toBe(10);
    expect(subscriptions.open(["a", "1"])).toBe(false);
    subscriptions.close("12", 1);
    deliver(subscriptions, "12");
    expect(subscriptions.bytes).toBe(0);
    expect(subscriptions.open(["subjects", "1"])).toBe(true);
    subscriptions.close("1", 0);
    subscriptions.close("1", 0);
    expect(subscriptions.bytes).toBe(0);
    expect(subscriptions.open(["subjects", "123"])).toBe(false);
  });
});
