import type { Bucket, BucketEntry, BucketView } from "./jetstream-bucket.ts";
import { StoresError } from "./stores-error.ts";

/** Steps that travel in one write. */
const BATCH_COUNT_MAX = 512;

/** Steps that wait for one key; a further one is refused. */
const WAITING_COUNT_MAX = 8_192;

/** How a state is read and written. */
export interface StateForm<S> {
  /** A state to be changed, from what was saved of it; a fresh one from nothing. */
  readonly open: (saved: string | undefined) => S;
  readonly save: (state: S) => string;
}

/**
 * States in a bucket, one a key, changed by steps. While one write is under way, the steps that come meanwhile travel together in the next; each still
 * sees what those before it made.
 */
export interface BucketStates<S> {
  /** Takes a step; what it throws is thrown, and leaves the state as it was before the step only if the step did. */
  change<T>(key: string, step: (state: S, nowNs: bigint) => T): Promise<T>;
}

/** The view that {@link createBucketStates} reads. */
export interface SavedStates extends BucketView {
  readonly get: (key: string) => string | undefined;
}

/** What a bucket holds, as text by key. */
export function createSavedStates(): SavedStates {
  const byKey = new Map<string, string>();
  return {
    get: (key) => byKey.get(key),
    apply(entries: readonly BucketEntry[]) {
      for (const { key, value } of entries) byKey.set(key, Buffer.from(value).toString("utf8"));
    },
    reset: () => byKey.clear(),
  };
}

/** Creates states over an open bucket and its view. */
export function createBucketStates<S>(bucket: Bucket, saved: SavedStates, form: StateForm<S>): BucketStates<S> {
  const queues = new Map<string, Waiting<S>[]>();

  async function flush(key: string, queue: Waiting<S>[]): Promise<void> {
    while (queue.length > 0) {
      const batch = queue.splice(0, BATCH_COUNT_MAX);
      try {
        const settle = await bucket.transact((nowNs) => {
          const before = saved.get(key);
          const state = form.open(before);
          const ends = batch.map(({ take }) => take(state, nowNs));
          const after = form.save(state);
          return { answer: ends, ...(after !== before && { write: { key, value: after } }) };
        });
        for (const end of settle) end();
      } catch (reason) {
        for (const { fail } of batch) fail(reason);
      }
    }
    queues.delete(key);
  }

  return {
    change: (key, step) =>
      new Promise((resolve, reject) => {
        const take: Waiting<S>["take"] = (state, nowNs) => {
          try {
            const answer = step(state, nowNs);
            return () => resolve(answer);
          } catch (reason) {
            return () => reject(reason instanceof Error ? reason : new Error("a step failed"));
          }
        };
        const waiting = { take, fail: reject };
        const queue = queues.get(key);
        if (queue === undefined) {
          const fresh = [waiting];
          queues.set(key, fresh);
          void flush(key, fresh);
        } else if (queue.length < WAITING_COUNT_MAX) queue.push(waiting);
        else reject(new StoresError("store.contended", `too much waits for ${key}`));
      }),
  };
}

interface Waiting<S> {
  /** Takes the step, and gives how to tell its caller once it is written. */
  readonly take: (state: S, nowNs: bigint) => () => void;
  readonly fail: (reason: unknown) => void;
}

/** A key of a bucket for any text. */
export function bucketKey(text: string): string {
  return /^[A-Za-z0-9_-]+$/.test(text) ? text : `=${Buffer.from(text.toWellFormed()).toString("base64url")}`;
}
