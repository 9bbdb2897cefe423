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
  type TrailReport,
  type TrailVerdict,
  type TrailVerifier,
} from "./trail-verifier.ts";
