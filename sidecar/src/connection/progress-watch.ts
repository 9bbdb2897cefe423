import type { DeadlineClock } from "./deadline-clock.ts";

export interface ProgressWatchParts {
  readonly clock: DeadlineClock;
  readonly limitMs: number;
  /** What is waited for: 0 for nothing, and another number for each step of progress. */
  mark(): number;
  /** Time so far that doesn't count, because we stood in the way ourselves. */
  heldMs?(): number;
  late(): void;
}

/** Bounds how long one thing may take, and is cheap to ask: one timer at most, which progress doesn't set anew. */
export interface ProgressWatch {
  /** Looks whether there is progress; to be called whenever something may have begun. */
  look(): void;
  end(): void;
}

/** A timer that is held up asks again after this part of the limit. */
const RETRY_PART = 8;

/** Tells `late` once, when `mark` has been the same number other than 0 for `limitMs`. Progress that nobody looked at counts from when it is seen. */
export function createProgressWatch(parts: ProgressWatchParts): ProgressWatch {
  const { clock, limitMs } = parts;
  let seen = 0;
  let startMs = 0;
  let cancel: (() => void) | undefined;
  let isEnded = false;
  return {
    look,
    end: () => {
      isEnded = true;
      cancel?.();
    },
  };

  function look(): void {
    const mark = parts.mark();
    if (mark === seen) return;
    seen = mark;
    if (mark === 0 || isEnded) return;
    startMs = countedMs();
    cancel ??= clock.after(limitMs, check);
  }

  function check(): void {
    cancel = undefined;
    look();
    if (seen === 0 || cancel !== undefined) return;
    const leftMs = limitMs - (countedMs() - startMs);
    if (leftMs > 0) {
      cancel = clock.after(Math.max(leftMs, limitMs / RETRY_PART), check);
    } else {
      isEnded = true;
      parts.late();
    }
  }

  function countedMs(): number {
    return clock.nowMs() - (parts.heldMs?.() ?? 0);
  }
}
