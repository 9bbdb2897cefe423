import { randomBytes } from "node:crypto";
import { createBatchSealer, readSeal, sealLine, writerToken, type BatchSeal } from "@cortexos/audit";
import { jetstream, type JetStreamManager, type PubAck, type StoredMsg } from "@nats-io/jetstream";
import { errors, type NatsConnection } from "@nats-io/transport-node";
import type { AuditStream } from "./audit-stream.ts";
import { reasonText, StoresError, type StoresErrorCode } from "./stores-error.ts";

/** Whose batches go where. */
export interface StreamChainParts extends AuditStream {
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  readonly writer: string;
  readonly timeoutMs: number;
  /** Told of each batch that was stored. */
  readonly sealed?: (seal: BatchSeal) => void;
}

/** The chain of one writer in a stream. */
export interface StreamChain {
  /** Stores a batch as the next of the chain, or rejects. One call at a time. */
  append(lines: Uint8Array, count: number): Promise<void>;
  /** Set once the chain can't be continued: somebody else does, or the stream went back in time. */
  fault(): StoresErrorCode | undefined;
}

/**
 * Continues a writer's chain from its last message in the stream. Every batch is published on the condition that the one before it is still the writer's last message
 * (`Nats-Expected-Last-Subject-Sequence`), so that of two processes with one name the one that opened first stops, and a batch that was given up can't arrive late.
 *
 * @throws StoresError `stream.unavailable`, `stream.unsafe`.
 */
export async function openStreamChain(parts: StreamChainParts): Promise<StreamChain> {
  const last = await readLast(parts);
  return new Chain(parts, last);
}

/** The writer's last batch in the stream. */
interface LastBatch {
  /** Sequence in the stream; 0 for none. */
  readonly streamSeq: number;
  readonly seal?: BatchSeal;
}

class Chain implements StreamChain {
  readonly #parts: StreamChainParts;
  readonly #sealer;
  readonly #publish: (bytes: Uint8Array, lastSeq: number) => Promise<PubAck>;
  #lastSeq: number;
  /** Batches of which nobody knows whether they were stored; at most one of them is. */
  #doubtful: readonly BatchSeal[] = [];
  #fault: StoresErrorCode | undefined;

  constructor(parts: StreamChainParts, last: LastBatch) {
    this.#parts = parts;
    this.#sealer = createBatchSealer(parts.writer, last.seal);
    this.#lastSeq = last.streamSeq;
    this.#publish = createPublisher(parts);
  }

  fault(): StoresErrorCode | undefined {
    return this.#fault;
  }

  async append(lines: Uint8Array, count: number): Promise<void> {
    if (this.#doubtful.length > 0) await this.#resolveDoubt();
    const seal = this.#sealer.seal(lines, count);
    this.#doubtful = [...this.#doubtful, seal];
    const { seq } = await this.#publish(Buffer.concat([lines, Buffer.from(sealLine(seal))]), this.#lastSeq);
    this.#accept(seal, seq);
  }

  #accept(seal: BatchSeal, streamSeq: number): void {
    this.#doubtful = [];
    this.#lastSeq = streamSeq;
    this.#sealer.accept(seal);
    this.#parts.sealed?.(seal);
  }

  /** After a failed write: looks at what is there. */
  async #resolveDoubt(): Promise<void> {
    const last = await readLast(this.#parts);
    if (last.streamSeq === this.#lastSeq) return;
    const stored = this.#doubtful.find(({ hash }) => hash === last.seal?.hash);
    if (stored !== undefined) {
      this.#accept(stored, last.streamSeq);
      return;
    }
    this.#fault = last.streamSeq < this.#lastSeq ? "store.rewound" : "sink.fenced";
    throw new StoresError(
      this.#fault,
      `the last message of writer ${this.#parts.writer} isn't the one that was acknowledged`,
    );
  }
}

function subjectOf({ subject, writer }: StreamChainParts): string {
  return `${subject}.${writerToken(writer)}`;
}

async function readLast(parts: StreamChainParts): Promise<LastBatch> {
  const { manager, stream } = parts;
  let message: StoredMsg | null;
  try {
    message = await manager.streams.getMessage(stream, { last_by_subj: subjectOf(parts) });
  } catch (cause) {
    throw new StoresError("stream.unavailable", `can't read stream ${stream}: ${reasonText(cause)}`, { cause });
  }
  if (message === null) return { streamSeq: 0 };
  const seal = readSeal(message.string().trimEnd().split("\n").at(-1) ?? "");
  if (seal !== undefined) return { streamSeq: message.seq, seal };
  const what = `message ${message.seq} of stream ${stream} is no batch of ours, and on our subject ${subjectOf(parts)}`;
  throw new StoresError("stream.unsafe", what);
}

function createPublisher(parts: StreamChainParts): (bytes: Uint8Array, lastSeq: number) => Promise<PubAck> {
  const { connection, stream, timeoutMs, writer } = parts;
  const client = jetstream(connection, { timeout: timeoutMs });
  const subject = subjectOf(parts);
  // Nobody else can know it, so nobody can take a batch's id before us and have it dropped as a duplicate.
  const opening = randomBytes(16).toString("hex");
  let batchSeq = 0;
  return async (bytes, lastSubjectSequence) => {
    const msgID = `${writer}/${opening}/${batchSeq++}`;
    let ack: PubAck;
    try {
      const expect = { streamName: stream, lastSubjectSequence };
      ack = await client.publish(subject, bytes, { msgID, timeout: timeoutMs, expect });
    } catch (cause) {
      const code = cause instanceof errors.TimeoutError ? "sink.timeout" : "sink.refused";
      throw new StoresError(code, `batch ${batchSeq} was not stored: ${reasonText(cause)}`, { cause });
    }
    if (ack.stream !== stream) throw new StoresError("sink.refused", `a batch went to stream ${ack.stream}`);
    if (ack.duplicate) throw new StoresError("sink.refused", "a batch was taken for a duplicate");
    return ack;
  };
}
