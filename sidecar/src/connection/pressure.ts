/** Bounds of what waits in all connections together. */
export interface PressureLimits {
  readonly waitingCountMax: number;
  readonly waitingBytesMax: number;
}

/**
 * What waits for a decision or its record, over all connections. Each connection has a queue of its own; together they must not outgrow the record
 * sink, which would refuse. At a bound all clients are read no more until half of it is free.
 */
export interface Pressure {
  enter(bytes: number): void;
  leave(bytes: number): void;
  count(): number;
  isHigh(): boolean;
}

/** @param onHigh - told when a bound is reached, and when half of both is free again. */
export function createPressure(limits: PressureLimits, onHigh: (high: boolean) => void): Pressure {
  let count = 0;
  let bytes = 0;
  let isHigh = false;
  return {
    enter: (addedBytes) => {
      count++;
      bytes += addedBytes;
      if (isHigh || (count < limits.waitingCountMax && bytes < limits.waitingBytesMax)) return;
      isHigh = true;
      onHigh(true);
    },
    leave: (removedBytes) => {
      count--;
      bytes -= removedBytes;
      if (!isHigh || count * 2 > limits.waitingCountMax || bytes * 2 > limits.waitingBytesMax) return;
      isHigh = false;
      onHigh(false);
    },
    count: () => count,
    isHigh: () => isHigh,
  };
}
