/** One client operation that waits, or waits behind one that does. */
export interface QueueEntry {
  readonly bytes: number;
  isReady: boolean;
  /** Carries it out; called once, in order. */
  act(): void;
  /** Called in its place when the connection ends first. */
  drop?(): void;
}

/** Client operations in order: nothing is carried out before what came before it. */
export interface OrderedQueue {
  readonly isEmpty: boolean;
  /** At or over a bound. */
  readonly isFull: boolean;
  /** At most half of each bound is taken. */
  readonly isLow: boolean;
  /** Bytes of all that wait. */
  readonly bytes: number;
  push(entry: QueueEntry): void;
  /** Carries out all ready entries at the front. */
  drain(): void;
  drop(): void;
}

export interface OrderedQueueOptions {
  readonly countMax: number;
  readonly bytesMax: number;
}

export function createOrderedQueue({ countMax, bytesMax }: OrderedQueueOptions): OrderedQueue {
  let entries: QueueEntry[] = [];
  let first = 0;
  let bytes = 0;
  return {
    get isEmpty() {
      return first === entries.length;
    },
    get isFull() {
      return entries.length - first >= countMax || bytes >= bytesMax;
    },
    get isLow() {
      return (entries.length - first) * 2 <= countMax && bytes * 2 <= bytesMax;
    },
    get bytes() {
      return bytes;
    },
    push: (entry) => {
      entries.push(entry);
      bytes += entry.bytes;
    },
    drain: () => {
      for (let entry = entries[first]; entry?.isReady === true; entry = entries[first]) {
        first++;
        bytes -= entry.bytes;
        entry.act();
      }
      // Stryker disable next-line all: lets go of memory, and nobody sees when
      if (first > 0 && first * 2 >= entries.length) {
        entries = entries.slice(first);
        first = 0;
      }
    },
    drop: () => {
      const dropped = entries.slice(first);
      entries = [];
      first = 0;
      bytes = 0;
      for (const entry of dropped) entry.drop?.();
    },
  };
}
