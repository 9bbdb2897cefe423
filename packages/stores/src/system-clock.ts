import type { Clock, Timers } from "@cortexos/kernel";
import { setTimeout as sleepTimer } from "node:timers/promises";

/** A wall clock in nanoseconds that never gives a value twice and never goes back within the process. */
export function createSystemClock(): Clock {
  const offsetNs = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint();
  let lastNs = 0n;
  return {
    nowNs: () => {
      const nowNs = process.hrtime.bigint() + offsetNs;
      lastNs = nowNs > lastNs ? nowNs : lastNs + 1n;
      return lastNs;
    },
  };
}

/** Longest delay that the system's timers take; a longer one fires at once. */
const TIMER_MS_MAX = 2_147_483_647;

/** Real timers, which don't keep the process alive. */
export const systemTimers: Timers = {
  sleep: async (delayMs, signal) => {
    for (let leftMs = delayMs; leftMs > 0; leftMs -= TIMER_MS_MAX) {
      const options = { ref: false, ...(signal !== undefined && { signal }) };
      await sleepTimer(Math.min(leftMs, TIMER_MS_MAX), undefined, options);
    }
  },
};
