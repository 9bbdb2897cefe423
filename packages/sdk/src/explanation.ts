import type { DecisionRecord } from "@cortexos/protocol";

/** Why a message or tool call was decided as it was. */
export interface Explanation {
  /** The record: decision, input and what the stores answered. */
  readonly record: DecisionRecord;
  /** The same for people, a few lines. */
  readonly text: string;
}

/** Explains a decision from its record. */
export function explainRecord(record: DecisionRecord): Explanation {
  const { decision, input } = record;
  const { principal, message, action } = input;
  const what = action === undefined ? `a message on ${message.subject}` : `a call of ${action.tool}`;
  const lines = [
    `${decision.outcome}: ${what} by ${principal.id} (${principal.kind}, tenant ${principal.tenant})`,
    `because: ${decision.reason}`,
    `rules: ${decision.rule_ids.join(", ")}`,
    `bundle: ${decision.bundle_digest || "none"}`,
    `decision: ${decision.decision_id}`,
  ];
  const { hold, patch, throttle } = decision;
  if (throttle !== undefined) lines.push(`try again after: ${throttle.retry_after_ms} ms`);
  if (hold !== undefined) lines.push(`waits for: ${hold.quorum} of ${hold.approvers}`);
  if (patch !== undefined) lines.push(`changed: ${changedPlaces(patch).join(", ")}`);
  return { record, text: lines.join("\n") };
}

function changedPlaces(patch: NonNullable<DecisionRecord["decision"]["patch"]>): readonly string[] {
  const headers = Object.keys(patch.headers).map((name) => `header ${name}`);
  const topic = patch.topic === undefined ? [] : [`subject to ${patch.topic}`];
  return [...topic, ...Object.keys(patch.set), ...patch.remove, ...headers];
}
