import {
  jetstream,
  JetStreamApiError,
  jetstreamManager,
  type JetStreamClient,
  type JetStreamManager,
  type StreamInfo,
} from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { bucketUnavailable, ensureBucket } from "./bucket-stream.ts";
import { isStoresError, reasonText, StoresError } from "./stores-error.ts";

/** Longest wait for one answer of JetStream. */
export const BUCKET_MS_MAX = 2_000;

/** Most attempts of one change while other processes change the same bucket. */
export const BUCKET_TRIES_MAX = 64;

/** Which bucket. */
export interface BucketOptions {
  /** Stays open when the bucket is let go. */
  readonly connection: NatsConnection;
  /** Letters, digits, `_`, `-`. */
  readonly bucket: string;
  /** Copies, where the bucket is made; 1 unless given. */
  readonly replicas?: number;
  /** {@link BUCKET_MS_MAX} unless given. */
  readonly timeoutMs?: number;
}

/** One key as it is now. */
export interface BucketEntry {
  readonly key: string;
  readonly value: Uint8Array;
  readonly seq: number;
}

/** What a step makes of the bucket as it is now. */
export interface BucketStep<T> {
  readonly answer: T;
  /** Written before the answer is given. */
  readonly write?: { readonly key: string; readonly value: string };
}

/**
 * A key-value bucket of JetStream that is changed by comparing and swapping the whole of it: a change is written only if nothing in the bucket changed since
 * it was worked out, so that a bound over many keys holds in every process. Works with what the server says itself: its sequence, its clock.
 */
export interface Bucket {
  /**
   * Takes one step: reads what others changed, works it out, writes it; anew when somebody was faster. Steps of one process come one after the other.
   *
   * @param step - pure over what `onEntry` was told; the time is the server's, in nanoseconds since 1970.
   * @throws StoresError `store.away`, `store.contended`, `store.refused`, `store.rewound`; of a write whose answer was lost nothing is known.
   */
  transact<T>(step: (nowNs: bigint) => BucketStep<T>): Promise<T>;
  /** Removes a key that nobody needs any more; that it is gone may be seen late by others. */
  forget(key: string): Promise<void>;
  isRewound(): boolean;
  /** Takes the bucket as it is, after it was found to have lost acknowledged writes. Everything in it is told to `onEntry` anew. */
  forgive(): Promise<void>;
}

/** Told of every change of the bucket, in its order; of several at once the last of each key. */
export interface BucketView {
  readonly apply: (entries: readonly BucketEntry[]) => void;
  /** Forgets everything: what the bucket holds comes again. */
  readonly reset: () => void;
}

/**
 * Opens a bucket, made or checked first.
 *
 * @throws StoresError `stream.unavailable`, `stream.unsafe`.
 */
export async function openBucket(options: BucketOptions, view: BucketView): Promise<Bucket> {
  const { connection, bucket, timeoutMs = BUCKET_MS_MAX } = options;
  const stream = `KV_${bucket}`;
  const manager = await openManager(connection, { stream, timeoutMs });
  const { created } = await ensureBucket(manager, { bucket, replicas: options.replicas ?? 1 });
  const isAway = watchAway(connection);
  const log: BucketLog = {
    manager,
    client: jetstream(connection, { timeout: timeoutMs }),
    stream,
    prefix: `$KV.${bucket}.`,
  };
  const reader = createReader(log, view, created);
  let turn: Promise<unknown> = Promise.resolve();

  async function attempt<T>(step: (nowNs: bigint) => BucketStep<T>): Promise<T> {
    if (isAway()) throw new StoresError("store.away", "JetStream: the connection is down");
    for (let tries = 0; tries < BUCKET_TRIES_MAX; tries++) {
      const nowNs = await reader.catchUp();
      const { answer, write } = step(nowNs);
      if (write === undefined) return answer;
      const seq = await writeAfter(log, reader.appliedSeq(), write);
      if (seq === undefined) continue;
      reader.wrote({ ...write, seq });
      return answer;
    }
    throw new StoresError("store.contended", `${stream} changes too often`);
  }

  return {
    transact(step) {
      const taken = turn.then(() => attempt(step)).catch(failStore);
      turn = taken.catch(() => undefined);
      return taken;
    },
    async forget(key) {
      await manager.streams.purge(stream, { filter: log.prefix + key }).catch(failStore);
    },
    isRewound: () => reader.isRewound(),
    async forgive() {
      const info = await ensureBucket(manager, { bucket, replicas: options.replicas ?? 1 });
      reader.forgive(info.created);
    },
  };
}

interface Reader {
  /** Reads what was changed and gives the server's time. */
  readonly catchUp: () => Promise<bigint>;
  readonly appliedSeq: () => number;
  readonly wrote: (own: OwnWrite) => void;
  readonly isRewound: () => boolean;
  readonly forgive: (created: string) => void;
}

/** Follows a bucket, and knows one that went back in time. */
function createReader(log: BucketLog, view: BucketView, created: string): Reader {
  let epoch = created;
  let appliedSeq = 0;
  let ownWrite: OwnWrite | undefined;
  let isRewound = false;
  return {
    appliedSeq: () => appliedSeq,
    isRewound: () => isRewound,
    async catchUp() {
      const info = await log.manager.streams.info(log.stream);
      const { last_seq: lastSeq } = info.state;
      // One that was made anew holds less too, however much was written since.
      if (lastSeq < appliedSeq || info.created !== epoch) isRewound = true;
      if (lastSeq > appliedSeq && ownWrite !== undefined && (await isReplaced(log, ownWrite))) isRewound = true;
      if (isRewound) throw new StoresError("store.rewound", `${log.stream} holds less than was acknowledged`);
      if (lastSeq > appliedSeq) view.apply(await readEntries(log, appliedSeq + 1, lastSeq));
      appliedSeq = lastSeq;
      return serverNs(info);
    },
    wrote(own) {
      appliedSeq = own.seq;
      ownWrite = own;
      view.apply([{ key: own.key, value: Buffer.from(own.value), seq: own.seq }]);
    },
    forgive(newEpoch) {
      view.reset();
      epoch = newEpoch;
      appliedSeq = 0;
      ownWrite = undefined;
      isRewound = false;
    },
  };
}

interface OwnWrite {
  readonly key: string;
  readonly value: string;
  readonly seq: number;
}

/** Whether another message stands where this process's last one was acknowledged: that one was lost, and what it changed with it. */
async function isReplaced({ manager, prefix, stream }: BucketLog, own: OwnWrite): Promise<boolean> {
  const message = await manager.streams.getMessage(stream, { seq: own.seq });
  // One that isn't there was overwritten by a newer one of its key.
  return message !== null && (message.subject !== prefix + own.key || message.string() !== own.value);
}

interface BucketLog {
  readonly manager: JetStreamManager;
  readonly client: JetStreamClient;
  readonly stream: string;
  readonly prefix: string;
}

const WRONG_LAST_SEQUENCE = 10_071;
const NS_PER_MS = 1_000_000n;

async function openManager(
  connection: NatsConnection,
  { stream, timeoutMs }: { readonly stream: string; readonly timeoutMs: number },
): Promise<JetStreamManager> {
  try {
    return await jetstreamManager(connection, { timeout: timeoutMs });
  } catch (cause) {
    throw bucketUnavailable(stream, cause);
  }
}

/** Every key that changed, at its newest, in order of sequence. */
async function readEntries(
  { manager, prefix, stream }: BucketLog,
  fromSeq: number,
  toSeq: number,
): Promise<readonly BucketEntry[]> {
  const entries: BucketEntry[] = [];
  for (let seq = fromSeq; seq <= toSeq;) {
    const next = { seq, next_by_subj: `${prefix}>` };
    const message = await manager.streams.getMessage(stream, next);
    if (message === null) break;
    entries.push({ key: message.subject.slice(prefix.length), value: message.data, seq: message.seq });
    seq = message.seq + 1;
  }
  return entries;
}

/** Gives the sequence of what was written, or nothing when the bucket has changed. */
async function writeAfter(
  { client, prefix }: BucketLog,
  lastSequence: number,
  { key, value }: NonNullable<BucketStep<unknown>["write"]>,
): Promise<number | undefined> {
  try {
    return (await client.publish(prefix + key, value, { expect: { lastSequence } })).seq;
  } catch (reason) {
    if (reason instanceof JetStreamApiError && reason.code === WRONG_LAST_SEQUENCE) return undefined;
    throw reason;
  }
}

/** The server writes the time into its answer. */
function serverNs(info: StreamInfo): bigint {
  const at: unknown = "ts" in info ? info.ts : undefined;
  const match = typeof at === "string" ? /^(.*:\d\d)(?:\.(\d{1,9}))?Z$/.exec(at) : null;
  if (match === null)
    throw new StoresError("store.refused", "the server doesn't tell its time: 2.10 or newer is needed");
  const [, seconds = "", fraction = ""] = match;
  return BigInt(Date.parse(`${seconds}Z`)) * NS_PER_MS + BigInt(fraction.padEnd(9, "0"));
}

function failStore(reason: unknown): never {
  if (isStoresError(reason)) throw reason;
  const isAnswer = reason instanceof JetStreamApiError;
  throw new StoresError(isAnswer ? "store.refused" : "store.away", `JetStream: ${reasonText(reason)}`, {
    cause: reason,
  });
}

/** So that nobody waits for an answer that can't come. */
function watchAway(connection: NatsConnection): () => boolean {
  let isAway = false;
  const events = connection.status();
  void (async () => {
    for await (const { type } of events) {
      if (type === "disconnect" || type === "close" || type === "staleConnection") isAway = true;
      if (type === "reconnect") isAway = false;
    }
  })();
  return () => isAway || connection.isClosed();
}
