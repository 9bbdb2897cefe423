import type { Decision } from "@cortexos/protocol";
import { describe, expect, it } from "vitest";
import { decisionRefusal } from "./decision-refusal.ts";

const decision: Decision = {
  decision_id: "d-1",
  outcome: "THROTTLE",
  rule_ids: ["a.first", "b.second"],
  reason: "slowly",
  bundle_digest: "sha256:b",
  input_digest: "sha256:i",
  engine: "test",
  evaluated_at: "1",
};

describe("decisionRefusal", () => {
  it("names the first rule, and when to try again where there is a time", () => {
    const told = { kind: "refuse", status: 429, reason: "slowly", ruleId: "a.first", decisionId: "d-1" };
    expect(decisionRefusal(decision, 429)).toEqual(told);
    const throttle = { key: "k", retry_after_ms: 7, remaining: 0 };
    expect(decisionRefusal({ ...decision, throttle }, 429)).toEqual({ ...told, retryAfterMs: 7 });
    expect(decisionRefusal({ ...decision, rule_ids: [] }, 403).ruleId).toBe("");
  });
});
