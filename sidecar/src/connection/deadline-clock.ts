/** A clock that never goes back, and one-shot timers that don't keep the process alive. */
export interface DeadlineClock {
  nowMs(): number;
  /** @returns what takes it back. */
  after(delayMs: number, act: () => void): () => void;
}

export const deadlineClock: DeadlineClock = {
  nowMs: () => performance.now(),
  after: (delayMs, act) => {
    let read: NodeJS.Immediate | undefined;
    const timer = setTimeout(() => {
      // A process that was held up may fire late: what has arrived meanwhile is read first.
      read = setImmediate(act);
    }, delayMs);
    timer.unref();
    return () => {
      clearTimeout(timer);
      clearImmediate(read);
    };
  },
};
