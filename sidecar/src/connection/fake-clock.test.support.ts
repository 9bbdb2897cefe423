import type { DeadlineClock } from "./deadline-clock.ts";

/** A clock that goes when it is told to. */
export interface FakeClock extends DeadlineClock {
  /** Lets time pass and fires what is due, in order. */
  pass(ms: number): void;
  /** Timers that are set. */
  timerCount(): number;
}

export function createFakeClock(): FakeClock {
  let nowMs = 0;
  const timers = new Map<() => void, number>();
  const nextDue = (endMs: number): [act: () => void, atMs: number] | undefined =>
    [...timers].filter(([, atMs]) => atMs <= endMs).sort(([, a], [, b]) => a - b)[0];
  return {
    nowMs: () => nowMs,
    after: (delayMs, act) => {
      const timer = (): void => {
        act();
      };
      timers.set(timer, nowMs + delayMs);
      return () => timers.delete(timer);
    },
    pass: (ms) => {
      const endMs = nowMs + ms;
      for (let due = nextDue(endMs); due !== undefined; due = nextDue(endMs)) {
        const [act, atMs] = due;
        nowMs = atMs;
        timers.delete(act);
        act();
      }
      nowMs = endMs;
    },
    timerCount: () => timers.size,
  };
}
