import type { AuditRecord } from "@cortexos/protocol";
import type { SinkCounters, StoredRecordSink } from "./stored-record-sink.ts";
import { StoresError } from "./stores-error.ts";

/** Records that a memory sink keeps; the oldest are forgotten first. */
export const MEMORY_RECORD_COUNT_MAX = 10_000;

/** A sink whose records can be read back, and are gone with the process. */
export interface MemoryRecordSink extends StoredRecordSink {
  append(record: AuditRecord): undefined;
  /** Newest last, at most `countMax` of them. */
  recent(countMax?: number): readonly AuditRecord[];
}

/** Keeps the latest records in memory: for tests and trials, since nothing in it survives the process. What it forgets counts as lost. */
export function createMemoryRecordSink(
  options: { /** {@link MEMORY_RECORD_COUNT_MAX} unless given. */ readonly countMax?: number } = {},
): MemoryRecordSink {
  const { countMax = MEMORY_RECORD_COUNT_MAX } = options;
  const ring: AuditRecord[] = [];
  let appendedCount = 0;
  let refusedCount = 0;
  let isClosed = false;
  return {
    append(record) {
      if (isClosed) {
        refusedCount++;
        throw new StoresError("sink.closed", "the record sink is closed");
      }
      ring[appendedCount++ % countMax] = record;
    },
    recent(recentCountMax = countMax) {
      const oldest = appendedCount <= countMax ? 0 : appendedCount % countMax;
      const records = [...ring.slice(oldest), ...ring.slice(0, oldest)];
      return recentCountMax <= 0 ? [] : records.slice(-recentCountMax);
    },
    counters: (): SinkCounters => ({
      appendedCount,
      batchCount: appendedCount,
      unacknowledgedCount: 0,
      refusedCount,
      lostCount: Math.max(0, appendedCount - countMax),
    }),
    flush: () => Promise.resolve(),
    close() {
      isClosed = true;
      return Promise.resolve();
    },
  };
}
