import type { Socket } from "node:net";
import type { DeadlineClock } from "./deadline-clock.ts";
import { createPauses, type Pauses } from "./pauses.ts";
import { createProgressWatch, type ProgressWatch } from "./progress-watch.ts";
import { createSmallWrites } from "./small-writes.ts";

/** One side of a proxied connection: writes that travel together, and reading that can be paused for several reasons. */
export interface PacedSocket {
  readonly reading: Pick<Pauses, "set" | "isPaused" | "pausedMs">;
  /** Writes, together with what else is written in this turn of the event loop. */
  write(bytes: Uint8Array): void;
  /** Bytes that wait in it, both ways: to be taken by the other end, and to be read by us. */
  waitingBytes(): number;
  /** As `waitingBytes` beyond the high-water mark, and 0 below it. What isn't 0 is followed by `full(false)`. */
  backlogBytes(): number;
  /** Flushes, says goodbye, and makes sure that the socket is gone after `lingerMs`. */
  end(lingerMs: number): void;
}

export interface PacedSocketParts {
  readonly clock: DeadlineClock;
  /** Longest time that the other end may take nothing of what waits for it; at most twice as long passes before it is noticed. */
  readonly stallMs: number;
  /** Told when more waits than the socket's high-water mark (true), and when all of it is gone (false). */
  full(isFull: boolean): void;
  /** The other end has taken nothing for `stallMs`. */
  stalled(): void;
}

export function paceSocket(socket: Socket, parts: PacedSocketParts): PacedSocket {
  return new Paced(socket, parts);
}

class Paced implements PacedSocket {
  readonly reading: Pauses;
  readonly #socket: Socket;
  readonly #parts: PacedSocketParts;
  readonly #progress: ProgressWatch;
  readonly #small = createSmallWrites((bytes) => {
    this.#send(bytes);
  });
  #isCorked = false;
  /** Something was under way before this turn's first write. */
  #wasBusy = false;
  #isFull = false;
  #handedBytes = 0;

  constructor(socket: Socket, parts: PacedSocketParts) {
    this.#socket = socket;
    this.#parts = parts;
    this.reading = createPauses(socket, parts.clock);
    this.#progress = createProgressWatch({
      clock: parts.clock,
      limitMs: parts.stallMs,
      mark: () => (socket.writableLength === 0 ? 0 : this.#handedBytes - socket.writableLength + 1),
      late: () => {
        parts.stalled();
      },
    });
    // A socket that is gone takes nothing and holds nobody back.
    for (const event of ["drain", "close"]) {
      socket.on(event, () => {
        this.#isFull = false;
        parts.full(false);
      });
    }
    socket.on("close", () => {
      this.#progress.end();
    });
  }

  write(bytes: Uint8Array): void {
    const socket = this.#socket;
    if (!this.#isOpen()) return;
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#wasBusy = socket.writableLength > 0;
      socket.cork();
      // After the microtasks of this turn: everything they release goes out in one system call.
      process.nextTick(this.#uncork);
    }
    if (this.#small.take(bytes)) return;
    this.#small.flush();
    this.#send(bytes);
  }

  waitingBytes(): number {
    return this.#socket.writableLength + this.#socket.readableLength;
  }

  backlogBytes(): number {
    return this.#isFull ? this.#socket.writableLength : 0;
  }

  end(lingerMs: number): void {
    const socket = this.#socket;
    if (this.#isOpen()) this.#small.flush();
    this.#progress.end();
    socket.end();
    const timer = setTimeout(() => socket.destroy(), lingerMs);
    timer.unref();
    socket.once("close", () => {
      clearTimeout(timer);
    });
    // Nothing more is taken from it, but its FIN must be seen.
    socket.removeAllListeners("data");
    this.reading.clear();
  }

  #isOpen(): boolean {
    return !this.#socket.writableEnded && !this.#socket.destroyed;
  }

  readonly #uncork = (): void => {
    const socket = this.#socket;
    this.#isCorked = false;
    // While the socket is busy small writes gather here: each of them handed over would cost many times its bytes.
    if (!this.#wasBusy && this.#isOpen()) this.#small.flush();
    socket.uncork();
    if (socket.writableLength > 0) this.#progress.look();
  };

  #send(bytes: Uint8Array): void {
    this.#handedBytes += bytes.length;
    if (this.#socket.write(bytes, this.#sent) || this.#isFull) return;
    this.#isFull = true;
    this.#parts.full(true);
  }

  readonly #sent = (): void => {
    if (!this.#isCorked && this.#isOpen()) this.#small.flush();
  };
}
