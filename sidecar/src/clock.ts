import type { Clock, Timers } from "@cortexos/kernel";
import { setTimeout as sleepTimer } from "node:timers/promises";

/** A wall clock in nanoseconds that never gives a value twice and never goes back within the process. */
export function createClock(): Clock {
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

/** Real timers, which don't keep the process alive. */
export const timers: Timers = {
  sleep: async (delayMs, signal) => {
    await sleepTimer(delayMs, undefined, { ref: false, ...(signal !== undefined && { signal }) });
  },
};
