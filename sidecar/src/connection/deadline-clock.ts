/** A clock that never goes back, and one-shot timers that don't keep the process alive. */
export interface DeadlineClock {
  nowMs(): number;
  /** @returns what takes it back. */
  after(delayMs: number, act: () => void): () => void;
}

export const deadlineClock: DeadlineClock = {
  nowMs: () => performance.now(),
  after: (delayMs, act) => {
    const timer = setTimeout(act, delayMs);
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
};
