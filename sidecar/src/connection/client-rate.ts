import type { SidecarLimits } from "../config/limits.ts";
import type { DeadlineClock } from "./deadline-clock.ts";

/** What a client may do before it has to rest, as time at its rate. */
const BURST_MS = 1_000;

/** How often a client does what is dear and never urgent. */
export interface ClientRate {
  /** A PING, SUB or UNSUB. */
  operated(): void;
  /** A message of its that isn't released. */
  refused(): void;
  /** Time that nothing more of it should be read. */
  restMs(): number;
}

/** Both kinds share one second's burst: each costs the time that it takes at its own rate. */
export function createClientRate(
  {
    operationsPerSecondMax,
    refusalsPerSecondMax,
  }: Pick<SidecarLimits, "operationsPerSecondMax" | "refusalsPerSecondMax">,
  clock: Pick<DeadlineClock, "nowMs">,
): ClientRate {
  const operationMs = 1_000 / operationsPerSecondMax;
  const refusalMs = 1_000 / refusalsPerSecondMax;
  let usedMs = 0;
  let atMs = clock.nowMs();
  return {
    operated: () => {
      use(operationMs);
    },
    refused: () => {
      use(refusalMs);
    },
    restMs: () => {
      if (usedMs === 0) return 0;
      use(0);
      return Math.max(0, usedMs - BURST_MS);
    },
  };

  function use(ms: number): void {
    const nowMs = clock.nowMs();
    usedMs = Math.max(0, usedMs - (nowMs - atMs)) + ms;
    atMs = nowMs;
  }
}
