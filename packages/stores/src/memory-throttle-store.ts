import type { ThrottleAnswer, ThrottleRequest, ThrottleStore } from "@cortexos/kernel";
import { takeTokens, type ThrottleBuckets } from "./throttle-book.ts";

/** Buckets kept at once. Keys can hold what a sender chose, so their number needs a bound. */
export const THROTTLE_BUCKET_COUNT_MAX = 100_000;

/** Bounds and clock of {@link createMemoryThrottleStore}. */
export interface MemoryThrottleOptions {
  /** {@link THROTTLE_BUCKET_COUNT_MAX} unless given. */
  readonly bucketCountMax?: number;
  /** Microseconds of a clock that never steps back; the process's own unless given. */
  readonly nowUs?: () => number;
}

/** A throttle store that tells how full it is. */
export interface MemoryThrottleStore extends ThrottleStore {
  take(requests: readonly ThrottleRequest[]): readonly ThrottleAnswer[];
  bucketCount(): number;
}

/** Rate limits of one process, by GCRA. */
export function createMemoryThrottleStore(options: MemoryThrottleOptions = {}): MemoryThrottleStore {
  const { bucketCountMax = THROTTLE_BUCKET_COUNT_MAX, nowUs = processUs } = options;
  const buckets: ThrottleBuckets = new Map();
  return {
    bucketCount: () => buckets.size,
    take: (requests) => takeTokens(buckets, requests, { atUs: nowUs(), bucketCountMax }),
  };
}

function processUs(): number {
  return Math.floor(performance.now() * 1_000);
}
