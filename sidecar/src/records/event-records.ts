import type { Clock } from "@cortexos/kernel";
import type { AuditRecord, LifecycleRecord, ViolationRecord } from "@cortexos/protocol";
import type { WireFault } from "@cortexos/wire";
import type { Logger } from "../logger.ts";
import { reasonText } from "../sidecar-error.ts";
import type { Records } from "./open-records.ts";

/** Most events that wait for the sink to be opened; further ones are only logged. */
const WAITING_COUNT_MAX = 1_000;

/** Records of what happens beside the gate. None of them releases anything, so none is waited for. */
export interface EventRecords {
  violated(connectionId: string, fault: WireFault): void;
  lifecycle(event: LifecycleRecord["event"], detail: string): void;
}

export interface EventRecordsParts {
  readonly sink: Pick<Records, "append" | "opened">;
  readonly clock: Clock;
  /** Not the gate's: both count their own sequence. */
  readonly writer: string;
  readonly epoch: number;
  readonly log: Logger;
  /** Told of each that couldn't be recorded. */
  readonly lost?: (type: AuditRecord["type"]) => void;
}

export function createEventRecords({ sink, clock, writer, epoch, log, lost }: EventRecordsParts): EventRecords {
  let sequence = 0;
  let waitingCount = 0;

  const head = (connection: string): Pick<ViolationRecord, "schema" | "record_id" | "at_ns" | "origin"> => ({
    schema: "cortexos.record/1",
    record_id: `${writer}/${epoch}/${++sequence}`,
    at_ns: clock.nowNs().toString(),
    origin: { writer, connection },
  });

  async function append(record: ViolationRecord | LifecycleRecord): Promise<void> {
    try {
      if (waitingCount >= WAITING_COUNT_MAX) throw new Error("too many events wait for the sink");
      waitingCount++;
      await sink.opened.finally(() => waitingCount--);
      await sink.append(record);
    } catch (reason) {
      lost?.(record.type);
      log.warn({ type: record.type, reason: reasonText(reason) }, "an event couldn't be recorded");
    }
  }

  return {
    violated: (connectionId, { code, reason }) => {
      void append({ ...head(connectionId), type: "violation", code, reason });
    },
    lifecycle: (event, detail) => {
      void append({ ...head(""), type: "lifecycle", event, detail });
    },
  };
}
