import type { EndingParts } from "./endings.ts";
import { recover } from "./maybe-promise.ts";
import type { MaybePromise } from "./ports.ts";
import { beginRun, RUN_MS_MAX, type GrantedStanding, type Run } from "./run.ts";

/** Most runs that wait for their record; all are written when there are more. */
export const RUNS_OPEN_MAX = 4096;

/** The runs of a gate that wait for their records. */
export interface OpenRuns {
  /** Begins a run with the first of its frames, and sees to it that it ends in time. */
  readonly begin: (granted: GrantedStanding, frames: Uint8Array) => Run;
  readonly write: (run: Run) => void;
  /** Writes the record of every run. Rejects when one can't be written. */
  readonly flush: () => MaybePromise<void>;
}

export function createOpenRuns(parts: EndingParts): OpenRuns {
  const { options, recorder } = parts;
  const open = new Set<Run>();
  let isTimed = false;

  function write(run: Run): void {
    open.delete(run);
    void recorder.attempt(run.close());
  }

  function flush(): MaybePromise<void> {
    const records = [...open].map((run) => run.close());
    open.clear();
    // One that fails doesn't keep the others back.
    const appended = records.map((record) =>
      recover(
        () => recorder.append(record),
        (thrown) => Promise.reject(thrown),
      ),
    );
    if (appended.every((done) => done === undefined)) return undefined;
    return Promise.all(appended.map((done) => Promise.resolve(done))).then(() => undefined);
  }

  async function flushInTime(): Promise<void> {
    isTimed = true;
    try {
      await options.timers.sleep(RUN_MS_MAX);
    } finally {
      isTimed = false;
      for (const run of open) write(run);
    }
  }

  function begin(granted: GrantedStanding, frames: Uint8Array): Run {
    const run = beginRun(parts, granted, frames);
    if (open.size >= RUNS_OPEN_MAX) for (const waiting of open) write(waiting);
    open.add(run);
    // A timer that fails has flushed already; the next run sets another.
    if (!isTimed) flushInTime().catch(() => undefined);
    return run;
  }

  return { begin, flush, write };
}
