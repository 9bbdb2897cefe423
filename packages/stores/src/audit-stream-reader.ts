import { DeliverPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { reasonText, StoresError } from "./stores-error.ts";

/** What is read of a stream of records or checkpoints. */
export interface AuditReadOptions {
  readonly connection: NatsConnection;
  readonly stream: string;
  /** First sequence in the stream; its first message unless given. */
  readonly fromSeq?: number;
}

/**
 * The messages of a stream of records or checkpoints, in order, up to the last that was there when reading began; each as the text that was stored: lines with their
 * ends. Changes nothing in the stream.
 *
 * @throws StoresError `stream.unavailable`.
 */
export async function* readAuditStream({ connection, fromSeq = 1, stream }: AuditReadOptions): AsyncGenerator<string> {
  try {
    const manager = await jetstreamManager(connection);
    const { state } = await manager.streams.info(stream);
    const startSeq = Math.max(fromSeq, state.first_seq);
    if (state.messages === 0 || startSeq > state.last_seq) return;
    const consumer = await jetstream(connection).consumers.get(stream, {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: startSeq,
    });
    const messages = await consumer.consume();
    for await (const message of messages) {
      yield message.string();
      if (message.seq >= state.last_seq) break;
    }
  } catch (cause) {
    throw new StoresError("stream.unavailable", `can't read stream ${stream}: ${reasonText(cause)}`, { cause });
  }
}
