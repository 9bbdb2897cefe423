import type { Decision } from "@cortexos/protocol";
import type { PublishRefusal } from "./session-types.ts";

/** What the sender is told about a decision that isn't a release; the same in every way in. */
export function decisionRefusal(decision: Decision, status: PublishRefusal["status"]): PublishRefusal {
  return {
    kind: "refuse",
    status,
    reason: decision.reason,
    ruleId: decision.rule_ids[0] ?? "",
    decisionId: decision.decision_id,
    ...(decision.throttle !== undefined && { retryAfterMs: decision.throttle.retry_after_ms }),
  };
}
