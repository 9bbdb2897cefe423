import type { RecordSink } from "@cortexos/kernel";
import type { AuditRecord } from "@cortexos/protocol";
import {
  createMemoryRecordSink,
  isStoresError,
  openFileRecordSink,
  openJetStreamRecordSink,
  STORES_ERRORS,
  type SinkCounters,
  type StoredRecordSink,
} from "@cortexos/stores";
import { setTimeout as sleep } from "node:timers/promises";
import type { PartState } from "../admin/readiness.ts";
import type { AuditConfig, RecordsConfig } from "../config/sidecar-config.ts";
import type { Logger } from "../logger.ts";
import { reasonText, SidecarError } from "../sidecar-error.ts";
import type { OwnConnection } from "../upstream/own-connection.ts";
import { openAudit, type Audit } from "./open-audit.ts";

const REOPEN_MS = 1_000;

/** Where records go, with its state. While its target is away every append is refused, and so nothing is released. */
export interface Records extends RecordSink {
  /** Resolves when the sink has been opened, or never will be. */
  readonly opened: Promise<void>;
  state(): PartState;
  counters(): SinkCounters | undefined;
  /** What a memory sink keeps, oldest first; nothing of the others. */
  recent(): readonly AuditRecord[];
  /** Writes what is queued and lets go of the target. */
  close(): Promise<void>;
}

export interface RecordsParts {
  /** Redaction and checkpoints. */
  readonly audit?: AuditConfig;
  readonly own: OwnConnection;
  /** Name of the writer, unique in the stream. */
  readonly writer: string;
  readonly log: Logger;
}

/**
 * Opens the sink of a configuration. A stream that isn't there yet is waited for; a file must be there at once.
 *
 * @throws SidecarError `records.unavailable`.
 */
export async function openRecords(config: RecordsConfig, parts: RecordsParts): Promise<Records> {
  const audit = await openAudit(parts.audit ?? {}, parts);
  const records = await openSink(config, { ...parts, sealed: audit.sealed });
  return {
    ...records,
    append: (record) => records.append(audit.redact(record)),
    close: async () => {
      await records.close();
      await audit.close();
    },
  };
}

type SinkParts = Omit<RecordsParts, "audit"> & Pick<Audit, "sealed">;

async function openSink(config: RecordsConfig, parts: SinkParts): Promise<Records> {
  switch (config.kind) {
    case "memory": {
      const sink = createMemoryRecordSink();
      const records = watchSink(
        () => sink,
        () => ({ ok: true, detail: "memory, lost at exit" }),
      );
      return { ...records, recent: () => sink.recent() };
    }
    case "file": {
      const sink = await openFile(config.path, parts);
      return watchSink(
        () => sink,
        () => ({ ok: true, detail: `file ${config.path}` }),
      );
    }
    case "jetstream":
      return openStream(config, parts);
  }
}

async function openFile(path: string, { sealed, writer }: SinkParts): Promise<StoredRecordSink> {
  try {
    return await openFileRecordSink({ path, writer, sealed });
  } catch (cause) {
    throw new SidecarError("records.unavailable", reasonText(cause), { cause });
  }
}

type StreamConfig = Extract<RecordsConfig, { kind: "jetstream" }>;

/** Opens the stream as soon as the server lets us, and goes on trying: a stream that isn't safe may be mended. */
function openStream({ stream, subject }: StreamConfig, { own, writer, log, sealed }: SinkParts): Records {
  const closing = new AbortController();
  let sink: StoredRecordSink | undefined;
  let problem = "waiting for the upstream";
  const open = async (): Promise<void> => {
    const connection = await own.first;
    while (!closing.signal.aborted) {
      try {
        sink = await openJetStreamRecordSink({ connection, stream, subject, writer, sealed });
        return;
      } catch (reason) {
        const latest = reasonText(reason);
        if (latest !== problem) log.error({ stream, reason: latest }, "records can't be written");
        problem = latest;
        await sleep(REOPEN_MS, undefined, { signal: closing.signal, ref: false });
      }
    }
  };
  // Ends by rejecting only when the sidecar stops.
  const opening = open().catch(() => undefined);
  const records = watchSink(
    () => sink,
    () => {
      if (sink === undefined) return { ok: false, detail: problem };
      return own.state().ok ? { ok: true, detail: `stream ${stream}` } : { ok: false, detail: "the upstream is away" };
    },
  );
  return {
    ...records,
    opened: opening,
    close: async () => {
      closing.abort();
      // Not `ref: false`: with no upstream nothing else keeps the process until this is done.
      const waiting = new AbortController();
      await Promise.race([opening, sleep(REOPEN_MS, undefined, { signal: waiting.signal }).catch(() => undefined)]);
      waiting.abort();
      await records.close();
    },
  };
}

/** How long a failed append makes the sink count as not ready, when nothing is appended after it. */
const FAILURE_MS = 5_000;

/** A sink that may not be there yet, and remembers whether its last append succeeded. */
function watchSink(current: () => StoredRecordSink | undefined, target: () => PartState): Records {
  let failure: { readonly text: string; readonly endMs: number } | undefined;
  const failed = (reason: unknown): never => {
    const code = isStoresError(reason) ? reason.code : undefined;
    // What may pass is over by itself: who isn't ready gets no message that would show it.
    const lastsMs = code === undefined || STORES_ERRORS[code].retryable ? FAILURE_MS : Number.POSITIVE_INFINITY;
    // One record's size says nothing about the sink.
    if (code !== "record.too_big") failure = { text: reasonText(reason), endMs: performance.now() + lastsMs };
    throw reason instanceof Error ? reason : new Error(reasonText(reason));
  };
  const written = (): void => {
    failure = undefined;
  };
  return {
    append: (record) => {
      const sink = current();
      // The target's own state says so, and no later success would take this failure back.
      if (sink === undefined) throw new Error("the record sink isn't open yet");
      try {
        const appended = sink.append(record);
        if (appended !== undefined) return appended.then(written, failed);
        written();
        return undefined;
      } catch (reason) {
        return failed(reason);
      }
    },
    state: () => {
      const state = target();
      if (!state.ok || failure === undefined || performance.now() > failure.endMs) return state;
      return { ok: false, detail: `the last record couldn't be written: ${failure.text}` };
    },
    opened: Promise.resolve(),
    counters: () => current()?.counters(),
    recent: () => [],
    close: async () => current()?.close(),
  };
}
