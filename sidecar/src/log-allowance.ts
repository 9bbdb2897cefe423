/** Lets so many lines a second through, so that a flood of messages doesn't become a flood of lines. */
export interface LogAllowance {
  /** Whether one more line may be written now. */
  take(): boolean;
}

/**
 * @param perSecondMax - lines in a second.
 * @param nowMs - a clock that never steps back.
 * @param omitted - told in the next second how many were left out.
 */
export function createLogAllowance(
  perSecondMax: number,
  nowMs: () => number,
  omitted: (count: number) => void,
): LogAllowance {
  let windowStartMs = Number.NEGATIVE_INFINITY;
  let takenCount = 0;
  return {
    take: () => {
      const now = nowMs();
      if (now - windowStartMs >= 1_000) {
        const omittedCount = takenCount - perSecondMax;
        windowStartMs = now;
        takenCount = 0;
        if (omittedCount > 0) omitted(omittedCount);
      }
      return ++takenCount <= perSecondMax;
    },
  };
}
