import { isReleasing, type DecisionRecord, type PolicyManifest } from "@cortexos/protocol";
import { recordDurability } from "./recorder.ts";

/** The fields of a record that can't be as they are beside its decision and input; sorted. */
export function recordFaults(record: DecisionRecord, manifest: PolicyManifest): readonly string[] {
  const { approval, at_ns: at, input, origin, record_id: id, run } = record;
  const rules: readonly (readonly [field: string, isPossible: boolean])[] = [
    ["approval.approved_by", approval === undefined || hasOtherApprovers(record, approval.approved_by)],
    ["approval.hold_id", approval === undefined || isHoldOf(record, approval.hold_id)],
    ["at_ns", TIME.test(at) && BigInt(at) >= BigInt(input.now_ns)],
    ["durability", record.durability === wantedDurability(record, manifest)],
    ["frame_sha256", isFrameDigest(record)],
    ["origin.connection", origin.connection === input.context.session.id],
    ["record_id", id.startsWith(`${origin.writer}/`) && COUNTERS.test(id.slice(origin.writer.length))],
    ["run", run === undefined || isRun(record, run)],
  ];
  return rules.filter(([, isPossible]) => !isPossible).map(([field]) => field);
}

const TIME = /^\d{1,19}$/;
const DECISION_ID = /^[0-9a-f]{32}$/;
const FRAME_DIGEST = /^sha256:[0-9a-f]{64}$/;
/** Epoch and sequence. */
const COUNTERS = /^\/\d+\/\d+$/;
/** `PUB a 0`, both line ends: no frame is shorter. */
const FRAME_BYTES_MIN = 11;

/** Nobody approves what it asked for itself. */
function hasOtherApprovers({ input: { principal } }: DecisionRecord, by: readonly string[]): boolean {
  return by.length > 0 && !by.includes(principal.id) && !by.includes(principal.on_behalf_of ?? "");
}

/** A hold is named after the decision that parked the message, which was an earlier one. */
function isHoldOf({ decision }: DecisionRecord, holdId: string): boolean {
  return DECISION_ID.test(holdId) && holdId !== decision.decision_id;
}

function isFrameDigest({ decision, frame_sha256: digest }: DecisionRecord): boolean {
  const hasFrame = isReleasing(decision.outcome) || decision.outcome === "REQUIRE_HUMAN";
  return hasFrame ? FRAME_DIGEST.test(digest) : digest === "";
}

function wantedDurability({ decision, input }: DecisionRecord, manifest: PolicyManifest): string {
  const subjects = [input.message.subject, decision.patch?.topic ?? input.message.subject];
  return subjects.some((subject) => recordDurability(manifest, subject) === "durable") ? "durable" : "buffered";
}

/** Only what is allowed as it came, and declared `buffered`, is recorded as a run. */
function isRun(
  { approval, decision, durability }: DecisionRecord,
  { bytes, count }: NonNullable<DecisionRecord["run"]>,
): boolean {
  const isSuch = decision.outcome === "ALLOW" && durability === "buffered" && approval === undefined;
  return isSuch && Number.isSafeInteger(count) && count > 1 && bytes >= count * FRAME_BYTES_MIN;
}
