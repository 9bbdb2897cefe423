import type { Buffer } from "node:buffer";
import type { StandingVerdict } from "./session-types.ts";
import type { FrameRange } from "./slice-run.ts";

/** Released frames on their way upstream; those that lie side by side are written as one slice. */
export interface UpstreamRun {
  /** Adds a canonical frame that was decided. */
  add(frame: FrameRange, sent: (() => void) | undefined): void;
  /** Adds plain frames under a standing verdict, which must be current. */
  addStanding(frames: FrameRange, verdict: StandingVerdict, count: number): void;
  /** Accounts for what isn't yet, writes the run, then tells who waits. */
  flush(): void;
}

export function createUpstreamRun(write: (bytes: Uint8Array) => void): UpstreamRun {
  let bytes: Buffer | undefined;
  let start = 0;
  let end = 0;
  /** The verdict over the run's last frames, from `standingStart` on, which aren't accounted for yet. */
  let standing: StandingVerdict | undefined;
  let standingStart = 0;
  let standingCount = 0;
  let sentCallbacks: (() => void)[] = [];
  return {
    add: (frame, sent) => {
      account();
      extend(frame);
      if (sent !== undefined) sentCallbacks.push(sent);
    },
    addStanding: (frame, verdict, count) => {
      if (standing !== verdict || bytes !== frame.bytes || end !== frame.start) {
        account();
        standing = verdict;
        standingStart = frame.start;
      }
      extend(frame);
      standingCount += count;
    },
    flush,
  };

  function flush(): void {
    account();
    writeSlice();
  }

  function extend(frame: FrameRange): void {
    if (bytes !== frame.bytes || end !== frame.start) {
      writeSlice();
      bytes = frame.bytes;
      start = frame.start;
    }
    end = frame.end;
  }

  /** INVARIANT: nothing under a standing verdict is written before it was accounted for. */
  function account(): void {
    if (standing === undefined || bytes === undefined) return;
    const verdict = standing;
    const count = standingCount;
    standing = undefined;
    standingCount = 0;
    verdict.account(count, bytes.subarray(standingStart, end));
  }

  function writeSlice(): void {
    if (bytes === undefined) return;
    const slice = bytes.subarray(start, end);
    const told = sentCallbacks;
    bytes = undefined;
    if (told.length > 0) sentCallbacks = [];
    write(slice);
    for (const sent of told) sent();
  }
}
