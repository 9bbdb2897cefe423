/**
 * Runs a task under a signal of its own, which is aborted with the caller's and after `limitMs`. Nothing of it outlives the task: `AbortSignal.timeout`
 * would keep whatever hangs on it for the whole time, for each client that comes and goes.
 */
export async function withDeadline<T>(
  signal: AbortSignal,
  limitMs: number,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const own = new AbortController();
  const gone = (): void => {
    own.abort(signal.reason);
  };
  const timer = setTimeout(() => {
    own.abort(new Error(`timeout after ${limitMs} ms`));
  }, limitMs);
  signal.addEventListener("abort", gone);
  try {
    return await task(own.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", gone);
  }
}
