import type { Finding } from "@cortexos/protocol";
import { describe, expect, it } from "vitest";
import { combine } from "./combine.ts";
import { allow, modify, throttle } from "./testing/fakes.ts";

const as = (finding: Finding, id: string, reason: string): Finding => ({ ...finding, id, reason });

describe("the reason of a combination", () => {
  it.each([
    { shows: "that nothing was found", findings: [], requireAllow: false, reason: "no rule allows this" },
    { shows: "that nothing grants", findings: [modify()], requireAllow: true, reason: "no rule grants this" },
    {
      shows: "two limits of one bucket",
      findings: [throttle(), throttle({ id: "other", rate: 2 })],
      requireAllow: false,
      reason: "two rules give one bucket different limits",
    },
  ])("says $shows", ({ findings, requireAllow, reason }) => {
    expect(combine(findings, requireAllow)).toMatchObject({ outcome: "DENY", reason });
  });

  it("is that of all who won, in the order of their ids, each once", () => {
    const findings = [
      as(allow(), "b", "because of b"),
      as(allow(), "a", "because of a"),
      as(allow(), "c", "because of b"),
    ];
    expect(combine(findings, false)).toMatchObject({ reason: "because of a; because of b" });
  });

  it("is what was granted in the end, without what narrowed it, where something granted", () => {
    const narrowed = [as(modify(), "mend", "mended"), as(throttle(), "slow", "slowed")];
    expect(combine([...narrowed, as(allow(), "ok", "allowed")], false)).toMatchObject({
      reason: "slowed",
      allReason: "allowed",
    });
    expect(combine(narrowed, false)).toMatchObject({ reason: "slowed", allReason: "mended; slowed" });
  });

  it("has a patch only where one was found", () => {
    expect("patch" in combine([as(allow(), "a", "x"), as(allow(), "b", "y")], false)).toBe(false);
    expect("patch" in combine([modify()], false)).toBe(true);
  });
});
