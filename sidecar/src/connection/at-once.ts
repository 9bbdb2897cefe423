/** Lets so many tasks run at once; the others wait for their turn, in order. */
export interface AtOnce {
  /**
   * @param signal - takes a task that waits out of the line.
   * @returns what `task` does.
   * @throws the signal's reason.
   */
  run<T>(signal: AbortSignal, task: () => Promise<T>): Promise<T>;
}

export function createAtOnce(countMax: number): AtOnce {
  const waiting = new Set<() => void>();
  let runningCount = 0;
  return {
    run: async (signal, task) => {
      if (runningCount >= countMax) await turn(signal);
      else runningCount++;
      try {
        signal.throwIfAborted();
        return await task();
      } finally {
        next();
      }
    },
  };

  /** Whoever ends hands its place on. */
  function next(): void {
    const [first] = waiting;
    if (first === undefined) {
      runningCount--;
      return;
    }
    waiting.delete(first);
    first();
  }

  async function turn(signal: AbortSignal): Promise<void> {
    return new Promise((go, fail) => {
      const gone = (): void => {
        waiting.delete(start);
        fail(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
      };
      const start = (): void => {
        signal.removeEventListener("abort", gone);
        go();
      };
      signal.throwIfAborted();
      signal.addEventListener("abort", gone, { once: true });
      waiting.add(start);
    });
  }
}
