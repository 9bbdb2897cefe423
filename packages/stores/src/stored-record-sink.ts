import type { RecordSink } from "@cortexos/kernel";
import { isReleasing, type AuditRecord, type RecordDurability } from "@cortexos/protocol";

/** What a sink did since it was opened; counters only grow, `unacknowledgedCount` is a level. */
export interface SinkCounters {
  /** Records that are in the target. */
  readonly appendedCount: number;
  /** Writes that carried them. */
  readonly batchCount: number;
  /** Records queued or on their way. */
  readonly unacknowledgedCount: number;
  /** Records whose append was refused: nothing was released on them. */
  readonly refusedCount: number;
  /** Buffered records that were accepted and then not stored. */
  readonly lostCount: number;
}

/** A record sink with a life cycle, whose work can be watched. */
export interface StoredRecordSink extends RecordSink {
  counters(): SinkCounters;
  /** Resolves when everything appended before is in the target; rejects when something is not. */
  flush(): Promise<void>;
  /** Takes no more, writes what is queued, and lets go of the target. What can't be written is counted as lost. Safe to repeat. */
  close(): Promise<void>;
}

/** Whether something goes, or is given back to its sender's queue, on this record: refusals must leave it room. */
export function isReleaseRecord(record: AuditRecord): boolean {
  return record.type === "approval" || (record.type === "decision" && isReleasing(record.decision.outcome));
}

/**
 * How strong a record must be before its append resolves: a decision as its subject's class says, an approval durable; what only
 * describes (outcomes, violations, life cycle) is buffered.
 */
export function durabilityOf(record: AuditRecord): RecordDurability {
  switch (record.type) {
    case "decision":
      return record.durability;
    case "approval":
      return "durable";
    case "outcome":
    case "violation":
    case "lifecycle":
      return "buffered";
  }
}
