/** Bounds of what waits in all connections together. */
export interface PressureLimits {
  readonly waitingCountMax: number;
  readonly waitingBytesMax: number;
}

/**
 * What waits for a decision or its record, over all connections. Each connection has a queue of its own; together they must not outgrow the record
 * sink, which would refuse. At a bound those are read no more that hold an equal share of it or more, each until half of its share is free: whoever waits for
 * a throttle or floods what is refused slows down itself. At twice the bound that goes for everybody.
 */
export interface Pressure {
  /** @param press - told to stop and to go on reading the connection. */
  join(press: (pressed: boolean) => void): PressureShare;
  /** Messages that wait. */
  count(): number;
}

/** One connection's part of it. */
export interface PressureShare {
  enter(bytes: number): void;
  leave(bytes: number): void;
}

export function createPressure({ waitingBytesMax, waitingCountMax }: PressureLimits): Pressure {
  let count = 0;
  let bytes = 0;
  /** Connections that have something that waits. */
  let sharing = 0;
  const isAt = (times: number): boolean => count >= waitingCountMax * times || bytes >= waitingBytesMax * times;
  return {
    count: () => count,
    join: (press) => {
      const own = { bytes: 0, count: 0, pressed: false };
      const add = (addedCount: number, addedBytes: number): void => {
        if (own.count === 0) sharing++;
        own.count += addedCount;
        own.bytes += addedBytes;
        count += addedCount;
        bytes += addedBytes;
        if (own.count === 0) sharing--;
      };
      /** Whether it holds the given part of an equal share. */
      const holds = (part: number): boolean =>
        own.count * sharing >= waitingCountMax * part || own.bytes * sharing >= waitingBytesMax * part;
      const set = (pressed: boolean): void => {
        if (own.pressed === pressed) return;
        own.pressed = pressed;
        press(pressed);
      };
      return {
        enter: (addedBytes) => {
          add(1, addedBytes);
          if (isAt(2) || (isAt(1) && holds(1))) set(true);
        },
        leave: (removedBytes) => {
          add(-1, -removedBytes);
          if (own.count === 0 || !holds(0.5)) set(false);
        },
      };
    },
  };
}
