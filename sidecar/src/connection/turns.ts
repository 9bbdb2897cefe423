import type { DeadlineClock } from "./deadline-clock.ts";

/** Smallest piece of a chunk that is worked on before the time is looked at. */
const PIECE_BYTES_MIN = 256;

/** Where a connection's pieces start; cheap streams grow from there. */
const PIECE_BYTES_START = 4_096;

/** A chunk of a socket is no larger than this. */
const PIECE_BYTES_MAX = 65_536;

export interface TurnsParts {
  readonly clock: Pick<DeadlineClock, "nowMs">;
  /** Longest time that one client's bytes are worked on before the others have theirs. */
  readonly turnMs: number;
  /** Runs after what the others have sent meanwhile was read. */
  later(act: () => void): void;
}

/** What a client sends is worked on in turns, so that one whose bytes are dear to work on takes its own time and not the others'. */
export interface Turns {
  join(parts: FeedParts): Feed;
}

export interface FeedParts {
  /** Works on a piece. */
  take(piece: Uint8Array): void;
  /** All of what was read has been taken and the client sends no more. */
  ended(): void;
  /** Stop or go on reading from the client. */
  setPaused(paused: boolean): void;
}

/** The bytes of one client on their way to its session. */
export interface Feed {
  data(chunk: Uint8Array): void;
  /** The client sends no more. */
  end(): void;
  /** Drops what wasn't taken. */
  close(): void;
}

/**
 * A client works on as long as it is within its turn; then its reading is paused, and of all such clients one has a turn each time that the others were
 * read. A flood is thus slowed to what is left over, and a cheap stream never notices.
 */
export function createTurns(parts: TurnsParts): Turns {
  const waiting: Turn[] = [];
  let isScheduled = false;
  /** Counts the rounds of the event loop in which something was read. */
  const round = { number: 0 };
  const schedule = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    parts.later(next);
  };
  return {
    join: (feed) =>
      new Turn(feed, {
        ...parts,
        round: () => {
          schedule();
          return round.number;
        },
        wait: (turn) => {
          waiting.push(turn);
          schedule();
        },
      }),
  };

  function next(): void {
    isScheduled = false;
    round.number++;
    waiting.shift()?.goOn();
    if (waiting.length > 0) schedule();
  }
}

interface TurnParts extends TurnsParts {
  round(): number;
  wait(turn: Turn): void;
}

class Turn implements Feed {
  readonly #feed: FeedParts;
  readonly #parts: TurnParts;
  readonly #chunks: Uint8Array[] = [];
  /** Bytes of the first chunk that were taken. */
  #at = 0;
  #pieceBytes = PIECE_BYTES_START;
  #usedMs = 0;
  #round = -1;
  #isWaiting = false;
  #hasEnded = false;
  #isClosed = false;

  constructor(feed: FeedParts, parts: TurnParts) {
    this.#feed = feed;
    this.#parts = parts;
  }

  data(chunk: Uint8Array): void {
    if (this.#hasEnded || this.#isClosed) return;
    this.#chunks.push(chunk);
    if (!this.#isWaiting) this.#work();
  }

  end(): void {
    this.#hasEnded = true;
    if (!this.#isWaiting) this.#work();
  }

  close(): void {
    this.#isClosed = true;
    this.#chunks.length = 0;
  }

  goOn(): void {
    this.#isWaiting = false;
    this.#usedMs = 0;
    this.#work();
    if (!this.#isWaiting && !this.#isClosed) this.#feed.setPaused(false);
  }

  #work(): void {
    const round = this.#parts.round();
    if (round !== this.#round) this.#usedMs = 0;
    this.#round = round;
    for (let piece = this.#nextPiece(); piece !== undefined; piece = this.#nextPiece()) {
      if (this.#isOver()) {
        this.#wait();
        return;
      }
      this.#take(piece);
    }
    if (this.#hasEnded && !this.#isClosed) this.#feed.ended();
    else if (this.#isOver()) this.#wait();
  }

  #isOver(): boolean {
    return this.#usedMs >= this.#parts.turnMs;
  }

  #wait(): void {
    if (this.#isClosed) return;
    this.#isWaiting = true;
    this.#feed.setPaused(true);
    this.#parts.wait(this);
  }

  #take(piece: Uint8Array): void {
    const { clock, turnMs } = this.#parts;
    this.#advance(piece.length);
    const startMs = clock.nowMs();
    this.#feed.take(piece);
    const tookMs = clock.nowMs() - startMs;
    this.#usedMs += tookMs;
    // Half a turn is aimed at, so that a stream that becomes dear doesn't take several.
    const halfMs = turnMs / 2;
    if (tookMs > halfMs) this.#pieceBytes = Math.max(PIECE_BYTES_MIN, Math.floor((piece.length * halfMs) / tookMs));
    else if (tookMs * 4 < halfMs) this.#pieceBytes = Math.min(PIECE_BYTES_MAX, this.#pieceBytes * 2);
  }

  #nextPiece(): Uint8Array | undefined {
    const [chunk] = this.#chunks;
    if (chunk === undefined) return undefined;
    // The usual case makes no view.
    const isWhole = this.#at === 0 && chunk.length <= this.#pieceBytes;
    return isWhole ? chunk : chunk.subarray(this.#at, this.#at + this.#pieceBytes);
  }

  #advance(bytes: number): void {
    this.#at += bytes;
    if (this.#at < (this.#chunks[0]?.length ?? 0)) return;
    this.#chunks.shift();
    this.#at = 0;
  }
}
