export { canonicalJson, digestJson, digestText } from "./canonical-json.ts";
export type { Caller } from "./caller.ts";
export type { AppliedPatch, Decision, HoldTerms, ThrottleState } from "./decision.ts";
export {
  EVALUATION_FAILURES,
  FINDING_EFFECTS,
  REASON_CHARS_MAX,
  type AllowFinding,
  type DenyFinding,
  type Evaluation,
  type EvaluationFailure,
  type Finding,
  type FindingEffect,
  type ModifyFinding,
  type RequireHumanFinding,
  type ThrottleFinding,
} from "./finding.ts";
export {
  CostEstimate,
  Heartbeat,
  JobMeta,
  JobRequest,
  JobResult,
  JobStatus,
  LatencyHistogram,
} from "./generated/cortexos/v1/job.ts";
export type { BudgetStateInput, CostEstimateInput, Input, InputSource, PayloadFormat } from "./input.ts";
export type { JsonObject, JsonValue } from "./json-value.ts";
export type { HeaderField, Message, MessageEffect } from "./message.ts";
export { isReleasing, OUTCOMES, type Outcome } from "./outcome.ts";
export type { ModifiableRule, PayloadRule, PolicyManifest, RecordRule } from "./policy-manifest.ts";
export type { Principal, PrincipalKind } from "./principal.ts";
export type {
  ApprovalRecord,
  AuditRecord,
  DecisionRecord,
  LifecycleRecord,
  OutcomeRecord,
  RecordDurability,
  StoreAnswers,
  ViolationRecord,
} from "./record.ts";
export {
  checkPublishSubject,
  matchesSubject,
  SUBJECT_BYTES_MAX,
  SUBJECT_TOKENS_MAX,
  type SubjectFault,
} from "./subject.ts";
