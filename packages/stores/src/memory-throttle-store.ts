import {
  gcraStep,
  isGcraLimit,
  type GcraState,
  type GcraStep,
  type ThrottleAnswer,
  type ThrottleRequest,
  type ThrottleStore,
} from "@cortexos/kernel";
import { BUCKET_REFUSAL, THROTTLE_KEY_CHARS_MAX } from "./throttle-bounds.ts";

/** Buckets kept at once. Keys can hold what a sender chose, so their number needs a bound. */
export const THROTTLE_BUCKET_COUNT_MAX = 100_000;

/** Buckets looked at to make room for a new one. */
const SWEEP_COUNT_MAX = 64;

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

interface Bucket {
  readonly state: GcraState;
  /** When nothing of it is left to remember. */
  readonly drainedAtUs: number;
}

/**
 * Rate limits of one process, by GCRA. A bucket belongs to its key *and* its numbers: a rule that changes its rate begins anew.
 * When every bucket is in use, a new key is not admitted; drained ones make room.
 */
export function createMemoryThrottleStore(options: MemoryThrottleOptions = {}): MemoryThrottleStore {
  const { bucketCountMax = THROTTLE_BUCKET_COUNT_MAX, nowUs = processUs } = options;
  const buckets = new Map<string, Bucket>();
  return {
    bucketCount: () => buckets.size,
    take(requests) {
      const atUs = nowUs();
      const taken = new Map<string, Bucket>();
      const newCountMax = bucketCountMax - makeRoom(buckets, { atUs, countMax: bucketCountMax - requests.length });
      const answers: ThrottleAnswer[] = [];
      let newCount = 0;
      for (const request of requests) {
        const name = bucketName(request);
        const known = taken.get(name) ?? buckets.get(name);
        if (known === undefined) newCount++;
        if (!isUsable(request) || newCount > newCountMax) answers.push(BUCKET_REFUSAL);
        else answers.push(step(request, { name, state: known?.state, atUs, taken }));
      }
      if (answers.every((answer) => answer.admitted)) {
        for (const [name, bucket] of taken) touch(buckets, name, bucket);
      }
      return answers;
    },
  };
}

interface StepPlace {
  readonly name: string;
  readonly state: GcraState | undefined;
  readonly atUs: number;
  readonly taken: Map<string, Bucket>;
}

function step(request: ThrottleRequest, { name, state, atUs, taken }: StepPlace): ThrottleAnswer {
  const next: GcraStep = gcraStep(request, state, atUs);
  const { admitted, retryAfterMs, remaining } = next;
  if (admitted) {
    const drainedAtUs = next.state.atUs + Math.ceil(next.state.debt / request.rate);
    taken.set(name, { state: next.state, drainedAtUs });
  }
  return { admitted, retryAfterMs, remaining };
}

/** The numbers stand last and hold no blank, so that no key can be mistaken for another one's bucket. */
function bucketName({ key, rate, burst, windowMs }: ThrottleRequest): string {
  return `${key} ${rate}/${burst}/${windowMs}`;
}

function isUsable(request: ThrottleRequest): boolean {
  return request.key.length <= THROTTLE_KEY_CHARS_MAX && isGcraLimit(request);
}

/**
 * Forgets drained buckets among those untouched for longest while there are more than `countMax`; what isn't drained goes to the back,
 * so that every bucket is looked at in turn.
 *
 * @returns buckets in use.
 */
function makeRoom(buckets: Map<string, Bucket>, room: { readonly atUs: number; readonly countMax: number }): number {
  let sweptCount = 0;
  for (const [name, bucket] of buckets) {
    if (buckets.size <= room.countMax || sweptCount++ >= SWEEP_COUNT_MAX) break;
    buckets.delete(name);
    if (bucket.drainedAtUs > room.atUs) buckets.set(name, bucket);
  }
  return buckets.size;
}

function touch(buckets: Map<string, Bucket>, name: string, bucket: Bucket): void {
  buckets.delete(name);
  buckets.set(name, bucket);
}

function processUs(): number {
  return Math.floor(performance.now() * 1_000);
}
