import { describe, expect, it } from "vitest";
import { createAdmissions, type Admission } from "./admissions.ts";

const isIn = (entered: Admission | string): boolean => typeof entered !== "string";

describe("createAdmissions", () => {
  it("takes no more clients than the bound, whoever they are", () => {
    const admissions = createAdmissions({ connectionCountMax: 2, peerConnectionCountMax: 2 });
    expect([isIn(admissions.enter("a")), isIn(admissions.enter("b"))]).toEqual([true, true]);
    expect(admissions.enter("c")).toBe("connections");
    expect(admissions.count()).toBe(2);
  });

  it("takes no more of one peer than its bound, and those of others", () => {
    const admissions = createAdmissions({ connectionCountMax: 9, peerConnectionCountMax: 2 });
    const entered = ["a", "a", "a", "b", "a", "b"].map((peer) => admissions.enter(peer));
    expect(entered.map((one) => (typeof one === "string" ? one : "in"))).toEqual([
      "in",
      "in",
      "peer_connections",
      "in",
      "peer_connections",
      "in",
    ]);
  });

  it("has a place again when a client leaves, and leaves once", () => {
    const admissions = createAdmissions({ connectionCountMax: 2, peerConnectionCountMax: 1 });
    const [first, other] = [admissions.enter("a"), admissions.enter("b")];
    if (typeof first === "string" || typeof other === "string") throw new Error("both have a place");
    first.leave();
    first.leave();
    expect(admissions.count()).toBe(1);
    expect(isIn(admissions.enter("a"))).toBe(true);
    expect(admissions.enter("a")).toBe("connections");
  });
});
