import type { GateResult, Timers } from "@cortexos/kernel";
import type { Decision } from "@cortexos/protocol";

/** Most times that a throttled message asks again while it waits. */
const ATTEMPTS_MAX = 4;

type Refusal = Extract<GateResult, { kind: "refuse" }>;

export interface ThrottleQueueParts {
  readonly timers: Timers;
  /** Longest wait of a message. */
  readonly waitMsMax: number;
  readonly signal: AbortSignal;
}

/**
 * Throttled messages of one connection wait here for their turn, one after the other, so that a burst asks the store no oftener than
 * it must.
 */
export interface ThrottleQueue {
  /**
   * @param first - the refusal that began the wait.
   * @param submit - asks again.
   * @returns what was answered in the end; `first` itself, at once, when its time would be over before its turn.
   */
  wait(first: Refusal, submit: () => PromiseLike<GateResult> | GateResult): GateResult | Promise<GateResult>;
}

export function createThrottleQueue({ timers, waitMsMax, signal }: ThrottleQueueParts): ThrottleQueue {
  let last: Promise<unknown> = Promise.resolve();
  return {
    wait: (first, submit) => {
      if (retryAfterMs(first.decision) > waitMsMax) return first;
      const deadlineMs = performance.now() + waitMsMax;
      const turn = last.then(async () => askAgain(first, submit, deadlineMs));
      last = turn;
      return turn;
    },
  };

  async function askAgain(
    first: Refusal,
    submit: () => PromiseLike<GateResult> | GateResult,
    deadlineMs: number,
  ): Promise<GateResult> {
    let refusal = first;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const delayMs = retryAfterMs(refusal.decision);
      if (performance.now() + delayMs > deadlineMs || !(await hasSlept(delayMs))) return refusal;
      const result = await submit();
      if (result.kind !== "refuse" || result.status !== 429) return result;
      refusal = result;
    }
    return refusal;
  }

  async function hasSlept(delayMs: number): Promise<boolean> {
    try {
      await timers.sleep(delayMs, signal);
      return true;
    } catch {
      return false; // The connection was closed meanwhile.
    }
  }
}

function retryAfterMs(decision: Decision): number {
  return decision.throttle?.retry_after_ms ?? Number.POSITIVE_INFINITY;
}
