import {
  digestFrame,
  type Decision,
  type DecisionRecord,
  type Input,
  type Message,
  type StoreAnswers,
} from "@cortexos/protocol";
import { denial, type Denial } from "./combine.ts";
import { denyDecision } from "./decide.ts";
import type { GateOptions } from "./gate-options.ts";
import type { GateResult, ReleaseDone } from "./gate-types.ts";
import { andThen, recover } from "./maybe-promise.ts";
import type { Granted, Pass } from "./pass.ts";
import { changeMessage } from "./patch.ts";
import type { MaybePromise } from "./ports.ts";
import { recordDurability, type Recorder } from "./recorder.ts";
import { budgetOwner, endReservation, type Reservation } from "./take-state.ts";

/** What every ending needs. */
export interface EndingParts {
  readonly options: GateOptions;
  readonly recorder: Recorder;
}

/** Ends a pass with a DENY. Its record need not be written before the sender is told. */
export function refuse(parts: EndingParts, pass: Pass, reason: Denial): GateResult {
  return refuseDecided(parts, pass, { decision: denyDecision(pass.base, reason), answers: NO_ANSWERS });
}

/** Ends a pass with a decision that doesn't release. */
export function refuseDecided(parts: EndingParts, pass: Pass, recorded: Recorded): GateResult {
  const written = parts.recorder.attempt(recordOf(parts, pass, recorded));
  const { decision } = recorded;
  const refusal = { kind: "refuse", decision, status: decision.outcome === "THROTTLE" ? 429 : 403 } as const;
  return written === undefined ? refusal : { ...refusal, recorded: written };
}

/** Ends a pass with a release: the record first. Without it nothing goes. */
export function release(parts: EndingParts, pass: Pass, granted: Granted): MaybePromise<GateResult> {
  const { decision, taken } = granted;
  return recover<GateResult>(
    () => {
      const message = releasedMessage(pass, granted);
      const record = recordOf(parts, pass, { decision, frame: message, answers: taken.answers });
      const done = releaseDone(parts, record, taken.reserved);
      return andThen(parts.recorder.append(record), () => ({ kind: "release", decision, message, done }));
    },
    () => {
      if (taken.reserved) endReservation(parts.options, reservationOf(decision, pass.input), "void");
      return refuse(parts, pass, denial("record.unavailable", "the record couldn't be written"));
    },
  );
}

/** Ends a pass with a parked message. */
export function noteHold(parts: EndingParts, pass: Pass, recorded: Recorded): void {
  void parts.recorder.attempt(recordOf(parts, pass, recorded));
}

/** What a record says of a decision. */
export interface Recorded {
  readonly decision: Decision;
  readonly answers: StoreAnswers;
  /** What is or would be released. */
  readonly frame?: Message;
}

/** Answers of stores that weren't asked. */
export const NO_ANSWERS: StoreAnswers = Object.freeze({ budgets: Object.freeze([]), throttles: Object.freeze([]) });

function releasedMessage({ submission }: Pass, { draft }: Granted): Message {
  if (submission.approved !== undefined) return submission.approved.released;
  return draft.change === undefined ? submission.message : changeMessage(submission.message, draft.change);
}

function releaseDone({ options, recorder }: EndingParts, record: DecisionRecord, reserved: boolean): ReleaseDone {
  let told = false;
  return (result) => {
    if (told) return;
    told = true;
    const { decision_id: id } = record.decision;
    // Of an unknown end nothing is known: the reservation runs out by the store's clock.
    if (reserved && result !== "unknown") {
      endReservation(options, reservationOf(record.decision, record.input), result === "released" ? "commit" : "void");
    }
    if (record.durability === "buffered" && result === "released") return;
    void recorder.attempt({ ...recorder.head(record.origin.connection), type: "outcome", decision_id: id, result });
  };
}

function reservationOf({ decision_id: reservationId }: Decision, input: Input): Reservation {
  return { reservationId, owner: budgetOwner(input) };
}

function recordOf(
  { options, recorder }: EndingParts,
  pass: Pass,
  { answers, decision, frame }: Recorded,
): DecisionRecord {
  const { approved, caller } = pass.submission;
  const { at_ns, origin, record_id, schema } = recorder.head(caller.session.id);
  const record: DecisionRecord = {
    schema,
    record_id,
    at_ns,
    origin,
    type: "decision",
    decision,
    input: pass.input,
    answers,
    took_ns: Number(options.clock.nowNs() - pass.startNs),
    frame_sha256: frame === undefined ? "" : digestFrame(frame),
    durability: durabilityOf(pass, frame),
  };
  return approved === undefined ? record : { ...record, approval: approved.approval };
}

/** The stronger of what the message's subject and the one it goes to ask for. */
function durabilityOf({ input, policy }: Pass, frame: Message | undefined): DecisionRecord["durability"] {
  if (policy === undefined) return "durable";
  const own = recordDurability(policy.manifest, input.message.subject);
  if (own === "durable" || frame === undefined || frame.subject === input.message.subject) return own;
  return recordDurability(policy.manifest, frame.subject);
}
