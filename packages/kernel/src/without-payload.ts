import { digestJson, isReleasing, type AuditRecord, type DecisionRecord, type JsonValue } from "@cortexos/protocol";

/**
 * The record of a refusal without the payload that made it too big for its sink, and the payload's digest in its place (`omitted`). `undefined` for
 * what has no payload, and for a release or a hold: nothing goes, or waits to go, on less than a whole record.
 */
export function withoutPayload(record: AuditRecord): DecisionRecord | undefined {
  if (record.type !== "decision" || record.omitted !== undefined) return undefined;
  const { outcome } = record.decision;
  if (isReleasing(outcome) || outcome === "REQUIRE_HUMAN") return undefined;
  const { action, ...input } = record.input;
  const { payload } = input.message;
  return {
    ...record,
    input: { ...input, message: { ...input.message, payload: null } },
    omitted: {
      payload: digestJson(payload),
      ...(action !== undefined && { action: digestJson(asJson(action)) }),
    },
  };
}

function asJson({ tool, args }: NonNullable<DecisionRecord["input"]["action"]>): JsonValue {
  return { args, tool };
}
