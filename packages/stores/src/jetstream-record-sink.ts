import { randomBytes } from "node:crypto";
import { jetstream, jetstreamManager, type JetStreamManager, type PubAck } from "@nats-io/jetstream";
import { errors, type NatsConnection } from "@nats-io/transport-node";
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
  /** {@link AUDIT_SUBJECT} unless given. */
  readonly subject?: string;
  /** Name of the writer, unique among those of the stream; letters, digits, `_`, `-`, `.`. */
  readonly writer: string;
  readonly limits?: SinkLimits;
}

/**
 * Opens a sink that writes batches of JSON lines into a JetStream stream, made or checked first. A durable append resolves when the server has
 * acknowledged its batch as stored in that stream, and not as a duplicate. While the connection is away appends are refused at
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
  const unavailable = watchConnection(connection, () => ensureAuditStream(manager, place));
  const publish = createPublisher(connection, { ...place, writer: options.writer, timeoutMs });
  const target: BatchTarget = {
    bytesMax: () => Math.min(messageBytesMax, connection.info?.max_payload ?? 0) - HEADER_BYTES_MAX,
    unavailable,
    async write(lines) {
      const code = unavailable();
      if (code !== undefined) throw new StoresError(code, "the audit stream can't be written");
      await publish(lines);
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

interface Publishing extends AuditStream {
  readonly writer: string;
  readonly timeoutMs: number;
}

function createPublisher(
  connection: NatsConnection,
  { stream, subject, writer, timeoutMs }: Publishing,
): (lines: Uint8Array) => Promise<void> {
  const client = jetstream(connection, { timeout: timeoutMs });
  // Nobody else can know it, so nobody can take a batch's id before us and have it dropped as a duplicate.
  const epoch = randomBytes(16).toString("hex");
  let batchSeq = 0;
  return async (lines) => {
    const msgID = `${writer}/${epoch}/${batchSeq++}`;
    let ack: PubAck;
    try {
      ack = await client.publish(subject, lines, { msgID, timeout: timeoutMs, expect: { streamName: stream } });
    } catch (cause) {
      const code = cause instanceof errors.TimeoutError ? "sink.timeout" : "sink.refused";
      throw new StoresError(code, `batch ${batchSeq} was not stored: ${reasonText(cause)}`, { cause });
    }
    if (ack.stream !== stream) throw new StoresError("sink.refused", `a batch went to stream ${ack.stream}`);
    if (ack.duplicate) throw new StoresError("sink.refused", "a batch was taken for a duplicate");
  };
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
