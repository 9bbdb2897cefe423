/** A rate limit: `rate` messages per window, `burst` of them at once. Positive integers. */
export interface GcraLimit {
  readonly rate: number;
  readonly burst: number;
  readonly windowMs: number;
}

/** A bucket between two steps. A bucket that was never seen, or that has drained, is `undefined`. */
export interface GcraState {
  /** Time of the last step, in microseconds of the store's clock. */
  readonly atUs: number;
  /** How far the bucket is ahead of its rate: microseconds times `rate`, so that one message costs exactly one window. */
  readonly debt: number;
}

/** What one step answers. */
export interface GcraStep {
  readonly admitted: boolean;
  /** The bucket afterwards. The same bucket when not admitted; not to be kept when another bucket of the same message refuses. */
  readonly state: GcraState;
  /** Messages that would be admitted right after this step. */
  readonly remaining: number;
  /** Milliseconds after which the next try is admitted if nobody else takes it; 0 when admitted. */
  readonly retryAfterMs: number;
}

/**
 * One step of GCRA (ITU-T I.371) in integers: no drift, and the same answers in JavaScript and in Lua, whose numbers are doubles too.
 * In any window of w, at most `burst + rate * w / windowMs` are admitted. A clock that steps back grants nothing.
 *
 * @param limit - one that {@link isGcraLimit} takes.
 * @param nowUs - the store's clock in microseconds.
 */
export function gcraStep(limit: GcraLimit, state: GcraState | undefined, nowUs: number): GcraStep {
  const cost = limit.windowMs * US_PER_MS;
  const capacity = limit.burst * cost;
  const atUs = state === undefined ? nowUs : Math.max(state.atUs, nowUs);
  const debt = state === undefined ? 0 : drained(state, atUs, limit.rate);
  const admitted = debt + cost <= capacity;
  const after = admitted ? debt + cost : debt;
  return {
    admitted,
    state: { atUs, debt: after },
    remaining: Math.floor((capacity - after) / cost),
    retryAfterMs: admitted ? 0 : retryAfterMs(debt + cost - capacity, limit.rate, atUs - nowUs),
  };
}

/** Whether a limit's numbers are positive integers whose products stay exact. */
export function isGcraLimit(limit: GcraLimit): boolean {
  const { burst, rate, windowMs } = limit;
  return [burst, rate, windowMs].every(isPositive) && isPositive((burst + 1) * windowMs * US_PER_MS);
}

const US_PER_MS = 1000;

function isPositive(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}

/** Debt after the time that passed. Divides before it multiplies, so that a long silence can't overflow. */
function drained(state: GcraState, atUs: number, rate: number): number {
  const elapsedUs = atUs - state.atUs;
  return elapsedUs >= state.debt / rate ? 0 : state.debt - elapsedUs * rate;
}

/** @param behindUs - how far the clock is behind the bucket's last step. */
function retryAfterMs(excess: number, rate: number, behindUs: number): number {
  return Math.ceil((Math.ceil(excess / rate) + behindUs) / US_PER_MS);
}
