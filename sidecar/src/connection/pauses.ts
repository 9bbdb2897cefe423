import type { Socket } from "node:net";
import type { DeadlineClock } from "./deadline-clock.ts";

/** Why reading from a socket is paused; it goes on when no reason is left. */
export type PauseReason = "queue" | "peer" | "backlog" | "pressure" | "turn";

/** The reasons for which a socket isn't read. */
export interface Pauses {
  set(reason: PauseReason, paused: boolean): void;
  isPaused(): boolean;
  /** How long reading has been paused so far, all in all. */
  pausedMs(): number;
  /** Reads on for good. */
  clear(): void;
}

export function createPauses(socket: Socket, clock: Pick<DeadlineClock, "nowMs">): Pauses {
  const reasons = new Set<PauseReason>();
  let sinceMs = 0;
  let beforeMs = 0;
  return {
    set: (reason, paused) => {
      const was = reasons.size > 0;
      if (paused) reasons.add(reason);
      else reasons.delete(reason);
      if (reasons.size > 0 !== was) change(!was);
    },
    isPaused: () => reasons.size > 0,
    pausedMs: () => beforeMs + (reasons.size > 0 ? clock.nowMs() - sinceMs : 0),
    clear: () => {
      reasons.clear();
      socket.resume();
    },
  };

  function change(isPaused: boolean): void {
    const nowMs = clock.nowMs();
    if (isPaused) sinceMs = nowMs;
    else beforeMs += nowMs - sinceMs;
    if (socket.destroyed) return;
    if (isPaused) socket.pause();
    else socket.resume();
  }
}
