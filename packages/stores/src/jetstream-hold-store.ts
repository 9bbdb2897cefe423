import type { Hold, HoldChange, Verdict } from "@cortexos/kernel";
import { bucketKey } from "./bucket-states.ts";
import { openHoldBook, type HoldBook } from "./hold-book.ts";
import { decodeHold, encodeHold } from "./hold-codec.ts";
import type { HoldBounds } from "./hold-terms.ts";
import { openBucket, type BucketEntry, type BucketOptions, type BucketStep } from "./jetstream-bucket.ts";
import type { SharedHoldStore } from "./shared-hold-store.ts";
import { isStoresError } from "./stores-error.ts";

/** Bucket of the holds unless told otherwise. */
export const HOLD_BUCKET = "CORTEXOS_HOLDS";

/** Bucket and bounds of {@link openJetStreamHoldStore}. */
export interface JetStreamHoldOptions extends Omit<BucketOptions, "bucket">, HoldBounds {
  /** {@link HOLD_BUCKET} unless given. */
  readonly bucket?: string;
}

/**
 * Approvals in a key-value bucket of JetStream: they outlive every process. Each step is worked out on all holds as they are and written only if nothing changed
 * meanwhile; time is the server's own. A hold that is larger than one message of the server is not parked: `full`.
 *
 * @throws StoresError `stream.unavailable`, `stream.unsafe`.
 */
export function openJetStreamHoldStore(options: JetStreamHoldOptions): Promise<SharedHoldStore> {
  return openJetStreamHolds(options, () => undefined);
}

/** Room in a message for headers, and for approvals that are added later. */
const ADDED_BYTES_MAX = 16_384;

/** The same, on a clock in nanoseconds that a test gives; `undefined` is the server's. */
export async function openJetStreamHolds(
  options: JetStreamHoldOptions,
  testNs: () => bigint | undefined,
): Promise<SharedHoldStore> {
  const view = openHoldView(options);
  const bucket = await openBucket({ ...options, bucket: options.bucket ?? HOLD_BUCKET }, view);
  const fits = (text: string): boolean =>
    Buffer.byteLength(text) <= (options.connection.info?.max_payload ?? 0) - ADDED_BYTES_MAX;

  async function transact<T>(step: (book: HoldBook, nowNs: bigint) => HoldStep<T>): Promise<T> {
    const answer = await bucket.transact((nowNs): BucketStep<T> => {
      const { answer: told, next } = step(view.book(), testNs() ?? nowNs);
      return {
        answer: told,
        ...(next !== undefined && { write: { key: bucketKey(next.id), value: encodeHold(next) } }),
      };
    });
    // What isn't forgotten now is by whoever ends the next one.
    for (const id of view.takeForgotten()) await bucket.forget(bucketKey(id)).catch(() => undefined);
    return answer;
  }

  const judge = (id: string, said: Omit<Verdict, "atNs">): Promise<HoldChange> =>
    transact((book, nowNs) => {
      const change = book.judge(id, { ...said, atNs: nowNs.toString() });
      return { answer: change, ...(change.ok && { next: change.hold }) };
    });

  async function endAll(due: (book: HoldBook, nowNs: bigint) => readonly Hold[]): Promise<readonly Hold[]> {
    const ended: Hold[] = [];
    for (;;) {
      const hold = await transact((book, nowNs) => {
        const [next] = due(book, nowNs);
        return { answer: next, ...(next !== undefined && { next }) };
      });
      if (hold === undefined) return ended;
      ended.push(hold);
    }
  }

  async function abandon(): Promise<readonly Hold[]> {
    await bucket.forgive();
    return endAll((book) => book.list(1).map((hold) => ({ ...hold, status: "expired" })));
  }

  return {
    park: (hold) =>
      transact((book) => {
        const parked = book.park(hold);
        if (parked === "full" || !fits(encodeHold(parked))) return { answer: "full" as const };
        return { answer: "parked" as const, next: parked };
      }),
    get: (id) => transact((book) => ({ answer: book.get(id) })),
    list: (countMax) => transact((book) => ({ answer: book.list(countMax) })),
    approve: (id, by) => judge(id, { verdict: "approve", by }),
    deny: (id, by) => judge(id, { verdict: "deny", by }),
    claimRelease: (id) =>
      transact((book) => {
        const released = book.claim(id);
        return { answer: released !== undefined, ...(released !== undefined && { next: released }) };
      }),
    expire: () => (bucket.isRewound() ? abandon() : endAll((book, nowNs) => book.overdue(nowNs))),
    size: () => transact((book) => ({ answer: book.size() })),
    isRewound: () => bucket.isRewound(),
  };
}

interface HoldStep<T> {
  readonly answer: T;
  /** What is stored before the answer is given. */
  readonly next?: Hold;
}

interface HoldView {
  readonly book: () => HoldBook;
  readonly apply: (entries: readonly BucketEntry[]) => void;
  readonly reset: () => void;
  /** Ended holds that the book forgot since the last call. */
  readonly takeForgotten: () => readonly string[];
}

/** All holds of the bucket. One that is damaged is none: it can't be shown, approved or released. */
function openHoldView(bounds: HoldBounds): HoldView {
  let book = openHoldBook(bounds);
  let forgotten: string[] = [];
  return {
    book: () => book,
    apply(entries) {
      const holds = entries.map(readHold).filter((hold) => hold !== undefined);
      for (const hold of holds.toSorted(byAge)) forgotten.push(...book.apply(hold));
    },
    reset() {
      book = openHoldBook(bounds);
    },
    takeForgotten() {
      const taken = forgotten;
      forgotten = [];
      return taken;
    },
  };
}

function readHold({ value }: BucketEntry): Hold | undefined {
  try {
    return decodeHold(Buffer.from(value).toString("utf8"));
  } catch (reason) {
    if (!isStoresError(reason)) throw reason;
    return undefined;
  }
}

/** They come in order of their latest change. */
function byAge(a: Hold, b: Hold): number {
  const [atNs, otherNs] = [BigInt(a.decision.evaluated_at), BigInt(b.decision.evaluated_at)];
  return atNs < otherNs ? -1 : atNs > otherNs ? 1 : 0;
}
