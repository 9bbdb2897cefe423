import type { ThrottleAnswer, ThrottleRequest, ThrottleStore } from "@cortexos/kernel";
import { bucketKey, createBucketStates, createSavedStates } from "./bucket-states.ts";
import { openBucket, type BucketOptions } from "./jetstream-bucket.ts";
import { readBuckets } from "./saved-state.ts";
import { isStoresError } from "./stores-error.ts";
import { takeTokens, type ThrottleBuckets } from "./throttle-book.ts";

/** Bucket of the throttles unless told otherwise. */
export const THROTTLE_BUCKET = "CORTEXOS_THROTTLES";

/** Buckets of one tenant in JetStream, which are one message; then a new key is not admitted. */
export const BUCKET_THROTTLE_COUNT_MAX = 1_000;

/** Bucket of {@link openJetStreamThrottleStore}. */
export interface JetStreamThrottleOptions extends Omit<BucketOptions, "bucket"> {
  /** {@link THROTTLE_BUCKET} unless given. */
  readonly bucket?: string;
}

/**
 * Rate limits of many processes in a key-value bucket of JetStream, one key a tenant, by GCRA on the server's clock.
 *
 * @throws StoresError `stream.unavailable`, `stream.unsafe`.
 */
export function openJetStreamThrottleStore(options: JetStreamThrottleOptions): Promise<ThrottleStore> {
  return openJetStreamThrottles(options, () => undefined);
}

/** The same, on a clock in microseconds that a test gives; `undefined` is the server's. */
export async function openJetStreamThrottles(
  options: JetStreamThrottleOptions,
  testUs: () => number | undefined,
): Promise<ThrottleStore> {
  const saved = createSavedStates();
  const bucket = await openBucket({ ...options, bucket: options.bucket ?? THROTTLE_BUCKET }, saved);
  const states = createBucketStates<ThrottleBuckets>(bucket, saved, {
    open: (text) => (text === undefined ? new Map() : readBuckets(text)),
    save: (buckets) => JSON.stringify([...buckets]),
  });

  function takeAll(requests: readonly ThrottleRequest[]): Promise<readonly ThrottleAnswer[]> {
    // All of a message's keys are of one tenant, which stands first in each.
    const [tenant = ""] = requests[0]?.key.split("/", 1) ?? [];
    return states.change(bucketKey(tenant), (buckets, nowNs) => {
      const atUs = testUs() ?? Number(nowNs / NS_PER_US);
      return takeTokens(buckets, requests, { atUs, bucketCountMax: BUCKET_THROTTLE_COUNT_MAX });
    });
  }

  return {
    async take(requests) {
      if (requests.length === 0) return [];
      try {
        return await takeAll(requests);
      } catch (reason) {
        if (!isStoresError(reason) || reason.code !== "store.rewound") throw reason;
        // What was lost of a throttle is at most one burst: go on from what is left.
        await bucket.forgive();
        return takeAll(requests);
      }
    },
  };
}

const NS_PER_US = 1_000n;
