import type { StoresError } from "./stores-error.ts";

/** A record on its way to a target. */
export interface Line {
  /** One line of JSON with its line feed; empty for a mark that only waits for what is before it. */
  readonly text: string;
  readonly bytes: number;
  /** Grows with each append, and stays when a line is queued again. */
  readonly order: number;
  readonly queuedAtMs: number;
  /** Who waits for it; absent for a record that was accepted as buffered, and once the waiter was told. */
  tell: ((failure?: StoresError) => void) | undefined;
  /** Its waiter was told that it failed. */
  isRefused: boolean;
}

/** Lines in order of arrival, counted. */
export interface LineQueue {
  push(line: Line): void;
  /** The next lines within the bounds; none only when the queue is empty or its first line is too big. */
  take(bounds: { readonly countMax: number; readonly bytesMax: number }): readonly Line[];
  /** Takes out what is bigger than a target takes by now. */
  takeBigger(bytesMax: number): readonly Line[];
  takeAll(): readonly Line[];
  lines(): readonly Line[];
  bytes(): number;
  /** Lines that somebody waits for. */
  waitingCount(): number;
}

/** Creates an empty queue. It has no bound of its own: who pushes asks first. */
export function createLineQueue(): LineQueue {
  let lines: Line[] = [];
  let bytes = 0;
  const removed = (taken: readonly Line[]): readonly Line[] => {
    for (const line of taken) bytes -= line.bytes;
    return taken;
  };
  return {
    push(line) {
      lines.push(line);
      bytes += line.bytes;
    },
    take({ countMax, bytesMax }) {
      let count = 0;
      let sumBytes = 0;
      for (const line of lines) {
        sumBytes += line.bytes;
        if (count >= countMax || sumBytes > bytesMax) break;
        count++;
      }
      return removed(lines.splice(0, count));
    },
    takeBigger(bytesMax) {
      const bigger = lines.filter((line) => line.bytes > bytesMax);
      if (bigger.length > 0) lines = lines.filter((line) => line.bytes <= bytesMax);
      return removed(bigger);
    },
    takeAll: () => removed(lines.splice(0)),
    lines: () => lines,
    bytes: () => bytes,
    waitingCount: () => lines.reduce((count, line) => (line.tell === undefined ? count : count + 1), 0),
  };
}
