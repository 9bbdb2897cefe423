export { auditEvent, timeText, type AuditEvent } from "./audit-event.ts";
export { CSV_HEADER, csvEvent } from "./csv-event.ts";
export { opaDecisionLog, type OpaDecisionLog } from "./opa-decision-log.ts";
export { otelLog, type OtelLogLine } from "./otel-log.ts";
export { encodeAuditEvent } from "./protobuf-event.ts";
export { createTrailReader, readRecord, type TrailReader, type TrailRecord } from "./read-trail.ts";
export { AUDIT_ERRORS, AuditError, isAuditError, type AuditErrorCode } from "./audit-error.ts";
export {
  createBatchSealer,
  readSeal,
  SEAL_BYTES_MAX,
  sealHash,
  sealLine,
  WRITER_CHARS_MAX,
  writerToken,
  type BatchSeal,
  type BatchSealer,
  type ChainHead,
} from "./batch-seal.ts";
export {
  createCheckpointSigner,
  readCheckpoint,
  readCheckpointKey,
  splitCheckpoints,
  type Checkpoint,
  type CheckpointKey,
  type CheckpointSigner,
  type SignedCheckpoint,
} from "./checkpoint.ts";
export { createMerkleTree, type MerkleTree } from "./merkle-tree.ts";
export { createRedactor, REDACTION_KEY_BYTES_MIN, type Redact, type RedactionRule } from "./redact.ts";
export {
  createTrailVerifier,
  type TrailCounts,
  type TrailOptions,
  type TrailReport,
  type TrailVerdict,
  type TrailVerifier,
} from "./trail-verifier.ts";
