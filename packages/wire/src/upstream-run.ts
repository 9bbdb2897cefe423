import type { StandingVerdict } from "./session-types.ts";
import { createSliceRun, type FrameRange } from "./slice-run.ts";

/** Released frames on their way upstream; those that lie side by side are written as one slice. */
export interface UpstreamRun {
  /** Adds a canonical frame that was decided. */
  add(frame: FrameRange, sent: (() => void) | undefined): void;
  /** Adds a plain frame under a standing verdict, which must be current. */
  addStanding(frame: FrameRange, verdict: StandingVerdict): void;
  /** Accounts for what isn't yet, writes the run, then tells who waits. */
  flush(): void;
}

export function createUpstreamRun(write: (bytes: Uint8Array) => void): UpstreamRun {
  const all = createSliceRun();
  /** The end of `all` that stands under one verdict and isn't accounted for. */
  const unaccounted = createSliceRun();
  let standing: StandingVerdict | undefined;
  let standingCount = 0;
  let sentCallbacks: (() => void)[] = [];
  return {
    add: (frame, sent) => {
      account();
      extend(frame);
      if (sent !== undefined) sentCallbacks.push(sent);
    },
    addStanding: (frame, verdict) => {
      if (standing !== verdict || !unaccounted.isNext(frame)) account();
      extend(frame);
      unaccounted.add(frame);
      standing = verdict;
      standingCount++;
    },
    flush,
  };

  function flush(): void {
    account();
    writeSlice();
  }

  function extend(frame: FrameRange): void {
    if (!all.isNext(frame)) writeSlice();
    all.add(frame);
  }

  /** INVARIANT: nothing under a standing verdict is written before it was accounted for. */
  function account(): void {
    const frames = unaccounted.take();
    if (frames === undefined || standing === undefined) return;
    const count = standingCount;
    standingCount = 0;
    standing.account(count, frames);
  }

  function writeSlice(): void {
    const slice = all.take();
    if (slice === undefined) return;
    const told = sentCallbacks;
    if (told.length > 0) sentCallbacks = [];
    write(slice);
    for (const sent of told) sent();
  }
}
