export type { Approvals, ApprovalAnswer } from "./approvals.ts";
export { combine } from "./combine.ts";
export type { BudgetRequirement, Combined, Denial, HoldRequirement, Terms, ThrottleRequirement } from "./combine.ts";
export { decideInput, type DecisionContext } from "./decide.ts";
export { PATCH_ROUNDS_MAX } from "./draft.ts";
export { createGate, type KernelGate } from "./gate.ts";
export type { GateFault, GateOptions } from "./gate-options.ts";
export type { Gate, GateResult, ReleaseDone, StandingChoice, StandingRelease } from "./gate-types.ts";
export { gcraStep, isGcraLimit, type GcraLimit, type GcraState, type GcraStep } from "./gcra.ts";
export { buildInput, callerFacts, inputFacts, type InputFacts } from "./input.ts";
export { inputText } from "./input-text.ts";
export { approverRoles, judgeHold, type Verdict } from "./judge-hold.ts";
export type { MessageView } from "./message-view.ts";
export type { Patch, PayloadChange } from "./patch-merge.ts";
export { PATCHED_PAYLOAD_BYTES_MAX } from "./patch.ts";
export { THROTTLE_WAITERS_MAX } from "./pipeline.ts";
export type {
  ActivePolicy,
  BudgetAmount,
  BudgetOwner,
  BudgetStore,
  Clock,
  Hold,
  HoldChange,
  HoldRefusal,
  HoldStatus,
  HoldStore,
  MaybePromise,
  PolicySource,
  RecordSink,
  ThrottleAnswer,
  ThrottleRequest,
  ThrottleStore,
  Timers,
} from "./ports.ts";
export { HOLD_REFUSALS } from "./ports.ts";
export { prepareInput, type Moment, type Prepared } from "./prepare.ts";
export { FINDINGS_MAX, HOLD_EXPIRES_MS_MAX, QUORUM_MAX } from "./read-findings.ts";
export { HOLD_LIST_COUNT_MAX, RESUME_MS_MIN } from "./resume-holds.ts";
export { RUN_BYTES_MAX, RUN_COUNT_MAX, RUN_MS_MAX } from "./run.ts";
export { RUNS_OPEN_MAX } from "./open-runs.ts";
export { PAYLOAD_GROUPS_MAX, PAYLOAD_KEY_CHARS_MAX } from "./standing-choice.ts";
export { STANDINGS_PER_CALLER_MAX } from "./standings.ts";
export { VERIFIED_FIELDS, verifyRecord, type Verification } from "./verify.ts";
export { withoutPayload } from "./without-payload.ts";
