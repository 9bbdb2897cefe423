/**
 * Reason codes of decisions that the gate makes itself, as they stand in `rule_ids` (a rule's own id stands there otherwise). The key is a
 * contract; never reuse one. `derived`: the decision follows from its record and bundle alone, so that `verify` computes it again.
 */
export const REASON_CODES = {
  "default.deny": { derived: true, summary: "no rule found anything" },
  "grant.missing": { derived: true, summary: "the bundle asks for an `allow` finding and there is none" },
  "subject.empty": { derived: false, summary: "the subject is empty" },
  "subject.too_long": { derived: false, summary: "the subject is longer than `SUBJECT_BYTES_MAX`" },
  "subject.too_many_tokens": { derived: false, summary: "the subject has more than `SUBJECT_TOKENS_MAX` tokens" },
  "subject.empty_token": { derived: false, summary: "the subject has an empty token" },
  "subject.wildcard": { derived: false, summary: "the subject has a wildcard token" },
  "subject.not_printable_ascii": { derived: false, summary: "the subject has a character outside printable ASCII" },
  "reply.invalid": { derived: false, summary: "the reply subject can't be published to" },
  "headers.invalid": { derived: false, summary: "a header can't be sent, or there are too many" },
  "payload.utf8": { derived: false, summary: "the JSON payload is not UTF-8, or begins with a byte order mark" },
  "payload.json": { derived: false, summary: "the payload must be JSON and isn't" },
  "payload.depth": { derived: false, summary: "the JSON payload is nested deeper than `JSON_DEPTH_MAX`" },
  "payload.values": { derived: false, summary: "the JSON payload has more than `JSON_VALUES_MAX` values" },
  "payload.number": { derived: false, summary: "a number in the JSON payload doesn't fit a double exactly" },
  "payload.surrogate": { derived: false, summary: "a string in the JSON payload has half a surrogate pair" },
  "payload.duplicate_key": { derived: false, summary: "an object in the JSON payload has a key twice" },
  "payload.protobuf": { derived: false, summary: "the payload is not a canonical encoding of its Protobuf type" },
  "payload.type": { derived: false, summary: "the bundle names a Protobuf type that isn't known" },
  "payload.job": { derived: false, summary: "the payload is a job request with a field of the wrong type" },
  "evaluation.undefined": { derived: true, summary: "the policy's entrypoint is undefined" },
  "evaluation.shape": { derived: true, summary: "the policy gave something that isn't a finding" },
  "evaluation.error": { derived: false, summary: "the evaluation failed" },
  "evaluation.budget": { derived: false, summary: "the evaluation took too long or too much" },
  "evaluation.input": { derived: true, summary: "the evaluator can't take the input" },
  "bundle.missing": { derived: false, summary: "there is no bundle to decide with" },
  "patch.conflict": { derived: true, summary: "two rules change the same place differently" },
  "patch.not_modifiable": {
    derived: true,
    summary: "a rule changes what the bundle's manifest doesn't declare modifiable",
  },
  "patch.identity": { derived: true, summary: "a rule changes identity or tenant" },
  "patch.target": { derived: true, summary: "a rule changes a place that isn't there" },
  "patch.encoding": { derived: true, summary: "the changed payload can't be encoded in its format" },
  "patch.size": { derived: true, summary: "the changed message is larger than `PATCHED_PAYLOAD_BYTES_MAX`" },
  "patch.unstable": { derived: true, summary: "rules go on changing the message after `PATCH_ROUNDS_MAX` rounds" },
  "throttle.conflict": { derived: true, summary: "two rules give one bucket different limits" },
  "throttle.unavailable": { derived: false, summary: "the throttle store didn't answer" },
  "budget.amount": { derived: true, summary: "the amounts for a scope don't add up to a safe integer" },
  "budget.exhausted": { derived: true, summary: "a budget doesn't cover the message" },
  "budget.unavailable": { derived: false, summary: "the budget store didn't answer" },
  "hold.full": { derived: false, summary: "no more messages can be held" },
  "hold.unavailable": { derived: false, summary: "the hold store didn't answer" },
  "hold.denied": { derived: false, summary: "a human denied the held message" },
  "hold.expired": { derived: false, summary: "nobody approved the held message in time" },
  "hold.changed": { derived: false, summary: "what would be released is not what was approved" },
  "hold.terms": { derived: false, summary: "the current policy asks for other approvals than were given" },
  "record.unavailable": { derived: false, summary: "the record couldn't be written" },
  "kernel.error": { derived: false, summary: "something failed that never should" },
} as const;

/** Why the gate denied a message, where no rule of the bundle did. */
export type ReasonCode = keyof typeof REASON_CODES;

/** Whether an id in `rule_ids` is the gate's own. */
export function isReasonCode(id: string): id is ReasonCode {
  return Object.hasOwn(REASON_CODES, id);
}
