export { canonicalJson, canonicalString, digestJson } from "./canonical-json.ts";
export { digestBytes, digestText, sha256Hex } from "./digest.ts";
export { isProtocolError, PROTOCOL_ERRORS, ProtocolError, type ProtocolErrorCode } from "./errors.ts";
export { digestFrame, encodeFrame } from "./frame.ts";
export {
  checkHeaders,
  HEADER_BLOCK_BYTES_MAX,
  HEADER_COUNT_MAX,
  HEADER_NAME_BYTES_MAX,
  HOP_COUNT_HEADER,
} from "./header.ts";
export { createLeafReader, type LeafPath, type ReadLeaves } from "./json-leaves.ts";
export { getPointer, matchesPointer, parsePointer, removePointer, setPointer } from "./json-pointer.ts";
export {
  decodeJson,
  JSON_DEPTH_MAX,
  JSON_VALUES_MAX,
  type JsonDecoding,
  type JsonFailure,
  type JsonFault,
  type JsonLimits,
} from "./json-text.ts";
export { formatMemoryPointer, MEMORY_ID_CHARS_MAX, parseMemoryPointer, type MemoryPointer } from "./memory-pointer.ts";
export {
  decodePayload,
  encodePayload,
  PAYLOAD_FORM_DEFAULT,
  type PayloadDecoding,
  type PayloadFault,
  type PayloadForm,
} from "./payload.ts";
export { PROTOBUF_TYPES, protobufType, type ProtobufType } from "./protobuf.ts";
export { isReasonCode, REASON_CODES, type ReasonCode } from "./reason-code.ts";
export {
  carriesJobRequest,
  JOB_AREAS,
  jobSubject,
  parseSubject,
  SYSTEM_SUBJECTS,
  type KnownSubject,
  type SystemSubject,
} from "./subjects.ts";
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
export { AuditEvent } from "./generated/cortexos/v1/audit.ts";
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
