import type { Socket } from "node:net";

/** Why reading from a socket is paused; it goes on when no reason is left. */
export type PauseReason = "queue" | "peer" | "backlog" | "pressure";

/** One side of a proxied connection: writes that travel together, and reading that can be paused for several reasons. */
export interface PacedSocket {
  readonly socket: Socket;
  /** Writes, together with what else is written in this turn of the event loop. */
  write(bytes: Uint8Array): void;
  setPaused(reason: PauseReason, paused: boolean): void;
  isPaused(): boolean;
  /** Bytes that wait beyond the high-water mark; 0 below it. What isn't 0 is followed by `onFull(false)`. */
  backlogBytes(): number;
  /** Flushes, says goodbye, and makes sure that the socket is gone after `lingerMs`. */
  end(lingerMs: number): void;
}

/**
 * @param onFull - told when more waits than the socket's high-water mark (true), and when all of it is gone (false).
 */
export function paceSocket(socket: Socket, onFull: (full: boolean) => void): PacedSocket {
  const reasons = new Set<PauseReason>();
  let isCorked = false;
  let isFull = false;
  // A socket that is gone takes nothing and holds nobody back.
  for (const event of ["drain", "close"]) {
    socket.on(event, () => {
      isFull = false;
      onFull(false);
    });
  }
  const uncork = (): void => {
    isCorked = false;
    socket.uncork();
  };
  return {
    socket,
    write: (bytes) => {
      if (socket.writableEnded || socket.destroyed) return;
      if (!isCorked) {
        isCorked = true;
        socket.cork();
        // After the microtasks of this turn: everything they release goes out in one system call.
        process.nextTick(uncork);
      }
      if (socket.write(bytes) || isFull) return;
      isFull = true;
      onFull(true);
    },
    setPaused: (reason, paused) => {
      const was = reasons.size > 0;
      if (paused) reasons.add(reason);
      else reasons.delete(reason);
      const is = reasons.size > 0;
      if (is === was || socket.destroyed) return;
      if (is) socket.pause();
      else socket.resume();
    },
    isPaused: () => reasons.size > 0,
    backlogBytes: () => (isFull ? socket.writableLength : 0),
    end: (lingerMs) => {
      socket.end();
      const timer = setTimeout(() => socket.destroy(), lingerMs);
      timer.unref();
      socket.once("close", () => {
        clearTimeout(timer);
      });
      // Nothing more is taken from it, but its FIN must be seen.
      reasons.clear();
      socket.removeAllListeners("data");
      socket.resume();
    },
  };
}
