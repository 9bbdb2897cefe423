import { SEAL_BYTES_MAX, type BatchSeal } from "@cortexos/audit";
import { jetstreamManager, type JetStreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { openStreamChain } from "./audit-stream-chain.ts";
import { ensureAuditStream, type AuditStream } from "./audit-stream.ts";
import { ACK_MS_MAX, createRecordQueue, type BatchTarget, type SinkLimits } from "./record-queue.ts";
import type { StoredRecordSink } from "./stored-record-sink.ts";
import { isStoresError, reasonText, StoresError, type StoresErrorCode } from "./stores-error.ts";

/** Stream of the records unless told otherwise. */
export const AUDIT_STREAM = "CORTEXOS_AUDIT";

/** Subject of the records unless told otherwise. */
export const AUDIT_SUBJECT = "sys.audit.event";

/** Room in a message for the headers of a batch. */
const HEADER_BYTES_MAX = 512;

/** Where the records of one writer go. */
export interface JetStreamSinkOptions {
  /** Stays open when the sink is closed. Its user should be the only one that may publish to the subject. */
  readonly connection: NatsConnection;
  /** {@link AUDIT_STREAM} unless given. */
  readonly stream?: string;
  /** {@link AUDIT_SUBJECT} unless given; the batches of a writer go to `<subject>.<writer>`. */
  readonly subject?: string;
  /** Name of the writer, unique among those of the stream; letters, digits, `_`, `-`, `.`. */
  readonly writer: string;
  readonly limits?: SinkLimits;
  /** Told of each batch that was stored, such as a keeper of checkpoints. Must not throw. */
  readonly sealed?: (seal: BatchSeal) => void;
}

/**
 * Opens a sink that writes batches of JSON lines, each with its seal, into a JetStream stream, made or checked first. A durable append resolves when the server has
 * acknowledged its batch as stored in that stream, next in the chain of its writer, and not as a duplicate. A second process with the same writer stops the first. While the connection is away appends are refused at
 * once; after a reconnect the stream is checked again.
 *
 * @throws StoresError `stream.unavailable`, `stream.unsafe`.
 */
export async function openJetStreamRecordSink(options: JetStreamSinkOptions): Promise<StoredRecordSink> {
  const { connection, limits = {} } = options;
  const place: AuditStream = { stream: options.stream ?? AUDIT_STREAM, subject: options.subject ?? AUDIT_SUBJECT };
  const timeoutMs = limits.ackMsMax ?? ACK_MS_MAX;
  const manager = await openManager(connection, place.stream);
  const messageBytesMax = await ensureAuditStream(manager, place);
  const connectionFault = watchConnection(connection, () => ensureAuditStream(manager, place));
  const unavailable = (): StoresErrorCode | undefined => chain.fault() ?? connectionFault();
  const { sealed, writer } = options;
  const chain = await openStreamChain({ ...place, connection, manager, writer, timeoutMs, ...(sealed && { sealed }) });
  const target: BatchTarget = {
    bytesMax: () => Math.min(messageBytesMax, connection.info?.max_payload ?? 0) - HEADER_BYTES_MAX - SEAL_BYTES_MAX,
    unavailable,
    async write(lines, count) {
      const code = unavailable();
      if (code !== undefined) throw new StoresError(code, "the audit stream can't be written");
      await chain.append(lines, count);
    },
    close: () => Promise.resolve(),
  };
  return createRecordQueue(target, limits);
}

async function openManager(connection: NatsConnection, stream: string): Promise<JetStreamManager> {
  try {
    return await jetstreamManager(connection);
  } catch (cause) {
    throw new StoresError("stream.unavailable", `can't use stream ${stream}: ${reasonText(cause)}`, { cause });
  }
}

/** Knows whether the connection is there and the stream still as it must be. */
function watchConnection(connection: NatsConnection, check: () => Promise<unknown>): () => StoresErrorCode | undefined {
  let fault: StoresErrorCode | undefined;
  const events = connection.status();
  const recheck = async (): Promise<void> => {
    try {
      await check();
      fault = undefined;
    } catch (reason) {
      fault = isStoresError(reason) ? reason.code : "stream.unavailable";
    }
  };
  void (async () => {
    for await (const { type } of events) {
      if (type === "disconnect" || type === "close" || type === "staleConnection") fault = "sink.away";
      if (type === "reconnect") await recheck();
    }
  })();
  return () => (connection.isClosed() ? "sink.away" : fault);
}
