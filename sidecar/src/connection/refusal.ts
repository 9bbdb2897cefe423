import type { Decision } from "@cortexos/protocol";
import type { PublishRefusal } from "@cortexos/wire";

/** What the wire tells the sender about a decision that isn't a release. */
export function toRefusal(decision: Decision, status: PublishRefusal["status"]): PublishRefusal {
  return {
    kind: "refuse",
    status,
    reason: decision.reason,
    ruleId: decision.rule_ids[0] ?? "",
    decisionId: decision.decision_id,
    ...(decision.throttle !== undefined && { retryAfterMs: decision.throttle.retry_after_ms }),
  };
}
