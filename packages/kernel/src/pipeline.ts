import type { Caller, Decision, Input } from "@cortexos/protocol";
import { denial, type Denial } from "./combine.ts";
import { bareDecision, concludeDecision, decisionBase } from "./decide.ts";
import { draftDecision, type DraftTerms } from "./draft.ts";
import { NO_ANSWERS, noteHold, refuse, refuseDecided, release, type EndingParts } from "./endings.ts";
import { reportFault, type GateOptions } from "./gate-options.ts";
import type { GateResult } from "./gate-types.ts";
import { andThen, recover } from "./maybe-promise.ts";
import type { ApprovedHold, Parking, Pass, Submission } from "./pass.ts";
import { changeMessage } from "./patch.ts";
import type { Hold, MaybePromise } from "./ports.ts";
import { prepareInput } from "./prepare.ts";
import { policyReads } from "./reads.ts";
import { budgetOwner, takeState, type StateTaken } from "./take-state.ts";

/** Most messages that wait for a throttle at once; more are refused without waiting. */
export const THROTTLE_WAITERS_MAX = 1024;

/** What a message's way is made of. */
export interface Pipeline extends EndingParts {
  /** Parks a message, or says why it can't. */
  readonly park: (parking: Parking) => MaybePromise<Parked>;
  readonly waiters: { count: number };
}

/** A parked message, or the reason that it wasn't. */
export type Parked =
  | { readonly ok: true; readonly hold: Hold; readonly settled: Promise<GateResult> }
  | { readonly ok: false; readonly denial: Denial };

/**
 * The way of a message: input, evaluation, combination, patches, state, record. Answers at once when its ports do; never throws, never
 * rejects: whatever goes wrong is a refusal.
 */
export function submitMessage(pipeline: Pipeline, submission: Submission): MaybePromise<GateResult> {
  return recover(
    () => runPass(pipeline, submission),
    (thrown) => refuseBare(pipeline.options, thrown),
  );
}

function runPass(pipeline: Pipeline, submission: Submission): MaybePromise<GateResult> {
  const policy = pipeline.options.policies.current();
  const startNs = pipeline.options.clock.nowNs();
  if (typeof startNs !== "bigint") throw new TypeError("the clock gave no time");
  const beginning = { submission, policy, startNs };
  if (policy === undefined || !policyReads(policy).budgetState) return decide(pipeline, beginning, NO_BUDGETS);
  return andThen(budgetState(pipeline.options, submission.caller), (state) => decide(pipeline, beginning, state));
}

type Beginning = Pick<Pass, "policy" | "startNs" | "submission">;

/** `undefined` when there is no answer. */
function budgetState(options: GateOptions, caller: Caller): MaybePromise<Input["budget_state"] | undefined> {
  return recover<Input["budget_state"] | undefined>(
    // Without a store there are no budgets, and that is a fact.
    () => (options.budgets === undefined ? NO_BUDGETS : options.budgets.state(caller.principal, caller.session.id)),
    (thrown) => {
      reportFault(options, "budgets", thrown);
      return undefined;
    },
  );
}

function decide(
  pipeline: Pipeline,
  beginning: Beginning,
  state: Input["budget_state"] | undefined,
): MaybePromise<GateResult> {
  const { policy, startNs, submission } = beginning;
  const moment = { policy, nowNs: startNs.toString(), budgetState: state ?? NO_BUDGETS };
  const { fault, input, text } = prepareInput(submission.message, submission.caller, moment);
  const pass: Pass = { submission, policy, startNs, input, base: decisionBase(input, text, policy) };
  if (policy === undefined || fault !== undefined) return refuse(pipeline, pass, fault ?? MISSING);
  if (state === undefined) return refuse(pipeline, pass, NO_BUDGET_STATE);
  const draft = draftDecision(input, text, policy);
  if (draft.outcome === "DENY") return refuse(pipeline, pass, draft);
  if (submission.approved === undefined)
    return draft.terms.hold === undefined ? settle(pipeline, pass, draft) : hold(pipeline, pass, draft);
  const changed = findChange(submission.approved, draft);
  return changed === undefined ? settle(pipeline, pass, draft) : refuse(pipeline, pass, changed);
}

/** Why what was approved can't go any more. */
function findChange(approved: ApprovedHold, draft: DraftTerms): Denial | undefined {
  if (draft.change !== undefined) return denial("hold.changed", "the current policy changes the message");
  return approved.meets(draft) ? undefined : denial("hold.terms", "the current policy asks for other approvals");
}

/** The last step: budgets and tokens are taken only for what would go, and all or none of them. */
function settle(pipeline: Pipeline, pass: Pass, draft: DraftTerms): MaybePromise<GateResult> {
  const { budgets, throttles } = draft.terms;
  const needs = { reservationId: pass.base.decision_id, owner: budgetOwner(pass.input), budgets, throttles };
  return andThen(takeState(pipeline.options, needs), (taken) => {
    if (taken.failure !== undefined) return refuse(pipeline, pass, taken.failure);
    const approval = pass.submission.approved?.approval;
    const context = { answers: taken.answers, ...(approval === undefined ? {} : { approval }) };
    const decision = concludeDecision(pass.base, draft, context);
    if (decision.outcome === "THROTTLE") return waitOrRefuse(pipeline, pass, { decision, taken });
    if (decision.outcome === "ALLOW" || decision.outcome === "ALLOW_MOD") {
      return release(pipeline, pass, { decision, draft, taken });
    }
    return refuseDecided(pipeline, pass, { decision, answers: taken.answers });
  });
}

interface Throttled {
  readonly decision: Decision;
  readonly taken: StateTaken;
}

function waitOrRefuse(pipeline: Pipeline, pass: Pass, { decision, taken }: Throttled): MaybePromise<GateResult> {
  const { submission } = pass;
  const { options, waiters } = pipeline;
  const delayMs = Math.max(1, decision.throttle?.retry_after_ms ?? 1);
  if (delayMs > submission.waitMsLeft || waiters.count >= THROTTLE_WAITERS_MAX) {
    return refuseDecided(pipeline, pass, { decision, answers: taken.answers });
  }
  waiters.count++;
  return options.timers
    .sleep(delayMs)
    .finally(() => waiters.count--)
    .then(() => runPass(pipeline, { ...submission, waitMsLeft: submission.waitMsLeft - delayMs }));
}

function hold(pipeline: Pipeline, pass: Pass, draft: DraftTerms): MaybePromise<GateResult> {
  const { caller, message } = pass.submission;
  const decision = concludeDecision(pass.base, draft, {});
  const asReleased = draft.change === undefined ? message : changeMessage(message, draft.change);
  return andThen(pipeline.park({ caller, decision, input: pass.input, message: asReleased }), (parked) => {
    if (!parked.ok) return refuse(pipeline, pass, parked.denial);
    noteHold(pipeline, pass, { decision, answers: NO_ANSWERS, frame: parked.hold.message });
    return { kind: "hold", decision, settled: parked.settled };
  });
}

const NO_BUDGETS: Input["budget_state"] = Object.freeze({});
const MISSING = denial("bundle.missing", "there is no bundle to decide with");
const NO_BUDGET_STATE = denial("budget.unavailable", "the budget store didn't answer");

/** Something failed that never should: refused without a record, for there is no input to put into one. */
function refuseBare(options: GateOptions, thrown: unknown): GateResult {
  reportFault(options, "kernel", thrown);
  return { kind: "refuse", decision: bareDecision(), status: 403 };
}
