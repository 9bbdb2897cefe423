import type { Buffer } from "node:buffer";

/** Where a frame lies. */
export interface FrameRange {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** Frames that lie side by side in one chunk, to be written as one slice. */
export interface SliceRun {
  /** Whether the range begins where the run ends. */
  isNext(range: FrameRange): boolean;
  /** Adds what is next. */
  add(range: FrameRange): void;
  /** Takes the run's bytes, `undefined` when it is empty. */
  take(): Buffer | undefined;
}

export function createSliceRun(): SliceRun {
  let bytes: Buffer | undefined;
  let start = 0;
  let end = 0;
  return {
    isNext: (range) => bytes === undefined || (bytes === range.bytes && end === range.start),
    add: (range) => {
      if (bytes === undefined) {
        bytes = range.bytes;
        start = range.start;
      }
      end = range.end;
    },
    take: () => {
      const slice = bytes?.subarray(start, end);
      bytes = undefined;
      return slice;
    },
  };
}
