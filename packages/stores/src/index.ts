export {
  CHECKPOINT_BATCH_COUNT_MAX,
  CHECKPOINT_MS_MAX,
  createCheckpointKeeper,
  type CheckpointKeeper,
  type CheckpointOptions,
  type CheckpointPlace,
} from "./checkpoint-keeper.ts";
export {
  CHECKPOINT_STREAM,
  CHECKPOINT_SUBJECT,
  openCheckpointFile,
  openCheckpointStream,
  type CheckpointStreamOptions,
} from "./checkpoint-places.ts";
export { createFileRecordSink, openFileRecordSink, type AppendFile, type FileSinkOptions } from "./file-record-sink.ts";
export { readAuditStream, type AuditReadOptions } from "./audit-stream-reader.ts";
export { AUDIT_AGE_MS_MIN, auditStreamFaults, type StreamSettings } from "./audit-stream.ts";
export {
  AUDIT_STREAM,
  AUDIT_SUBJECT,
  openJetStreamRecordSink,
  type JetStreamSinkOptions,
} from "./jetstream-record-sink.ts";
export type { AccountView } from "./budget-account.ts";
export {
  ACCOUNT_COUNT_MAX,
  RESERVATION_COUNT_MAX,
  RESERVATION_MS_MAX,
  RUN_ACCOUNT_MS_MAX,
  type BudgetLedger,
  type LostLedger,
  type SharedBudgetLedger,
  type Spending,
} from "./budget-ledger.ts";
export { BUDGET_LEVELS, checkBudgetLimits, type BudgetLevel, type BudgetLimit } from "./budget-limits.ts";
export {
  createMemoryBudgetStore,
  RESOLVED_COUNT_MAX,
  type MemoryBudgetOptions,
  type MemoryBudgetStore,
} from "./memory-budget-store.ts";
export {
  CLAIM_MS_MAX,
  ENDED_HOLD_BYTES_MAX,
  ENDED_HOLD_COUNT_MAX,
  HOLD_BYTES_MAX,
  HOLD_COUNT_MAX,
  HOLDS_PER_REQUESTER_MAX,
  type HoldBounds,
} from "./hold-terms.ts";
export { createMemoryHoldStore, type MemoryHoldStore } from "./memory-hold-store.ts";
export { createMemoryRecordSink, MEMORY_RECORD_COUNT_MAX, type MemoryRecordSink } from "./memory-record-sink.ts";
export {
  createMemoryThrottleStore,
  THROTTLE_BUCKET_COUNT_MAX,
  type MemoryThrottleOptions,
  type MemoryThrottleStore,
} from "./memory-throttle-store.ts";
export {
  ACK_MS_MAX,
  BATCH_BYTES_MAX,
  BATCH_COUNT_MAX,
  BUFFERED_DELAY_MS_MAX,
  BUFFERED_RETRY_MS_MAX,
  SINK_QUEUE_BYTES_MAX,
  SINK_QUEUE_COUNT_MAX,
  type SinkLimits,
} from "./record-queue.ts";
export { createRedisBudgetStore, RESOLVED_MS_MAX, type RedisBudgetOptions } from "./redis-budget-store.ts";
export {
  openRedisLink,
  REDIS_CHECK_MS,
  REDIS_KEY_PREFIX,
  REDIS_MS_MAX,
  type RedisLink,
  type RedisLinkOptions,
  type RedisState,
  type RedisStoreOptions,
} from "./redis-link.ts";
export { createRedisThrottleStore } from "./redis-throttle-store.ts";
export { BUCKET_MS_MAX, BUCKET_TRIES_MAX } from "./jetstream-bucket.ts";
export {
  BUCKET_ACCOUNT_COUNT_MAX,
  BUCKET_RESERVATION_COUNT_MAX,
  BUCKET_RESOLVED_COUNT_MAX,
  BUDGET_BUCKET,
  openJetStreamBudgetStore,
  type JetStreamBudgetOptions,
  type JetStreamBudgetStore,
} from "./jetstream-budget-store.ts";
export {
  BUCKET_THROTTLE_COUNT_MAX,
  openJetStreamThrottleStore,
  THROTTLE_BUCKET,
  type JetStreamThrottleOptions,
} from "./jetstream-throttle-store.ts";
export { HOLD_BUCKET, openJetStreamHoldStore, type JetStreamHoldOptions } from "./jetstream-hold-store.ts";
export { recordedSpendings, type RecordedSpendingsOptions } from "./recorded-spendings.ts";
export { createRedisHoldStore, type RedisHoldOptions } from "./redis-hold-store.ts";
export type { SharedHoldStore } from "./shared-hold-store.ts";
export { durabilityOf, type SinkCounters, type StoredRecordSink } from "./stored-record-sink.ts";
export { createSystemClock, systemTimers } from "./system-clock.ts";
export { THROTTLE_KEY_CHARS_MAX } from "./throttle-bounds.ts";
export { isStoresError, STORES_ERRORS, StoresError, type StoresErrorCode } from "./stores-error.ts";
