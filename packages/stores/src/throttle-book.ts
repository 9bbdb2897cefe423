import {
  gcraStep,
  isGcraLimit,
  type GcraState,
  type GcraStep,
  type ThrottleAnswer,
  type ThrottleRequest,
} from "@cortexos/kernel";
import { BUCKET_REFUSAL, THROTTLE_KEY_CHARS_MAX } from "./throttle-bounds.ts";

/** Buckets looked at to make room for a new one. */
const SWEEP_COUNT_MAX = 64;

/** A bucket between two steps. */
export interface ThrottleBucket {
  readonly state: GcraState;
  /** When nothing of it is left to remember. */
  readonly drainedAtUs: number;
}

/** Buckets by name, those untouched for longest first. */
export type ThrottleBuckets = Map<string, ThrottleBucket>;

/** When, and within which bound, tokens are taken. */
export interface TakeMoment {
  readonly atUs: number;
  readonly bucketCountMax: number;
}

/**
 * Takes one token from every bucket or from none. A bucket belongs to its key *and* its numbers: a rule that changes its rate begins anew. When every bucket
 * is in use, a new key is not admitted; drained ones make room.
 */
export function takeTokens(
  buckets: ThrottleBuckets,
  requests: readonly ThrottleRequest[],
  { atUs, bucketCountMax }: TakeMoment,
): readonly ThrottleAnswer[] {
  const taken: ThrottleBuckets = new Map();
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
}

interface StepPlace {
  readonly name: string;
  readonly state: GcraState | undefined;
  readonly atUs: number;
  readonly taken: ThrottleBuckets;
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
function makeRoom(buckets: ThrottleBuckets, room: { readonly atUs: number; readonly countMax: number }): number {
  let sweptCount = 0;
  for (const [name, bucket] of buckets) {
    if (buckets.size <= room.countMax || sweptCount++ >= SWEEP_COUNT_MAX) break;
    buckets.delete(name);
    if (bucket.drainedAtUs > room.atUs) buckets.set(name, bucket);
  }
  return buckets.size;
}

function touch(buckets: ThrottleBuckets, name: string, bucket: ThrottleBucket): void {
  buckets.delete(name);
  buckets.set(name, bucket);
}
