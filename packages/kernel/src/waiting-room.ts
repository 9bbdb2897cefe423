import type { GateOptions } from "./gate-options.ts";
import type { GateResult } from "./gate-types.ts";
import type { Hold } from "./ports.ts";

/** Who waits in this process for what becomes of a hold. */
export interface WaitingRoom {
  /** Begins to wait. */
  readonly enter: (holdId: string) => Waiter;
  /** Stops waiting for a hold that wasn't parked after all. */
  readonly leave: (holdId: string) => void;
  /** Tells who waits, once. Nobody here: the orphan's listener; none of that either: a release counts as failed. */
  readonly tell: (hold: Hold, result: GateResult) => GateResult;
}

export interface Waiter {
  readonly settled: Promise<GateResult>;
  /** Aborted when the wait is over. */
  readonly over: AbortSignal;
}

export function createWaitingRoom(options: Pick<GateOptions, "onOrphan">): WaitingRoom {
  const waiting = new Map<string, (result?: GateResult) => void>();

  function leave(holdId: string, result?: GateResult): boolean {
    const told = waiting.get(holdId);
    waiting.delete(holdId);
    told?.(result);
    return told !== undefined;
  }

  return {
    enter(holdId) {
      const ended = new AbortController();
      const settled = new Promise<GateResult>((resolve) => {
        waiting.set(holdId, (result) => {
          ended.abort();
          if (result !== undefined) resolve(result);
        });
      });
      return { settled, over: ended.signal };
    },
    leave(holdId) {
      leave(holdId);
    },
    tell(hold, result) {
      if (leave(hold.id, result)) return result;
      if (options.onOrphan !== undefined) options.onOrphan(hold, result);
      else if (result.kind === "release") result.done("failed");
      return result;
    },
  };
}
