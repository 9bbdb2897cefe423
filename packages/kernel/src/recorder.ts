import {
  matchesSubject,
  type AuditRecord,
  type DecisionRecord,
  type PolicyManifest,
  type RecordDurability,
} from "@cortexos/protocol";
import { reportFault, reportUnrecorded, type GateOptions } from "./gate-options.ts";
import { andThen, recover } from "./maybe-promise.ts";
import type { MaybePromise } from "./ports.ts";

/** Makes records and hands them to their sink. */
export interface Recorder {
  /** What every record begins with; each id is given once. */
  head(connection: string): Pick<DecisionRecord, "at_ns" | "origin" | "record_id" | "schema">;
  /** Throws or rejects when the record can't be as strong as it asks: nothing may be released then. */
  append(record: AuditRecord): MaybePromise<void>;
  /** Appends what nothing is released on. Never fails: what can't be written is reported. Answers later when the sink makes it wait. */
  attempt(record: AuditRecord): MaybePromise<void>;
  /** Whether the last append that was answered succeeded. */
  isHealthy(): boolean;
}

export function createRecorder(options: GateOptions): Recorder {
  const { clock, origin, records } = options;
  let sequence = 0;
  let healthy = true;

  function failed(thrown: unknown): never {
    if (!isTooBig(thrown)) healthy = false;
    reportFault(options, "records", thrown);
    throw new Error("the record couldn't be written", { cause: thrown });
  }

  function append(record: AuditRecord): MaybePromise<void> {
    return recover(
      () =>
        andThen(records.append(record), () => {
          healthy = true;
        }),
      failed,
    );
  }

  return {
    append,
    attempt: (record) =>
      recover(
        () => append(record),
        () => {
          reportUnrecorded(options, record);
        },
      ),
    head: (connection) => ({
      schema: "cortexos.record/1",
      record_id: `${origin.writer}/${origin.epoch}/${++sequence}`,
      at_ns: clock.nowNs().toString(),
      origin: { writer: origin.writer, connection },
    }),
    isHealthy: () => healthy,
  };
}

/** A record that is too big says nothing about the sink (see {@link RecordSink}). */
function isTooBig(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === "record.too_big";
}

/** How strong the records of a subject must be. */
export function recordDurability(manifest: PolicyManifest, subject: string): RecordDurability {
  return manifest.records.find((rule) => matchesSubject(rule.subjects, subject))?.durability ?? "durable";
}
