import type { DeadlineClock } from "./deadline-clock.ts";

/** Connections that may come at once, as time at the rate: those of a workload that starts. */
const BURST_MS = 10_000;

/** How fast connections are opened: whoever comes and goes all the time mustn't take the time of those that stay. */
export interface ConnectionPace {
  /** @returns how long the next connection has to wait before it is worked on. */
  next(): number;
}

export function createConnectionPace(perSecondMax: number, clock: Pick<DeadlineClock, "nowMs">): ConnectionPace {
  const gapMs = 1_000 / perSecondMax;
  let atMs = Number.NEGATIVE_INFINITY;
  return {
    next: () => {
      const nowMs = clock.nowMs();
      atMs = Math.max(atMs, nowMs - BURST_MS) + gapMs;
      return Math.max(0, atMs - nowMs);
    },
  };
}
