import type { DeadlineClock } from "./deadline-clock.ts";

/** Smallest piece of a chunk that is worked on before the time is looked at. */
const PIECE_BYTES_MIN = 256;

/** Where a connection's pieces start; cheap streams grow from there. */
const PIECE_BYTES_START = 4_096;

/** A chunk of a socket is no larger than this. */
const PIECE_BYTES_MAX = 65_536;

/** Part of the time that a peer may use without ever waiting. */
const SHARE = 0.05;

export interface TurnsParts {
  readonly clock: DeadlineClock;
  /** Longest time that one peer's bytes are worked on before the others have theirs. */
  readonly turnMs: number;
  /** Runs after what the others have sent meanwhile was read. */
  later(act: () => void): void;
}

/** What peers send is worked on in turns, so that one whose bytes are dear to work on takes its own time and not the others'. */
export interface Turns {
  join(parts: FeedParts): Feed;
}

export interface FeedParts {
  /** Works on a piece. */
  take(piece: Uint8Array): void;
  /** All of what was read has been taken and the peer sends no more. */
  ended(): void;
  /** Stop or go on reading from the peer. */
  setPaused(paused: boolean): void;
  /** Time before the next piece is taken, 0 for none. */
  restMs?(): number;
}

/** The bytes of one peer on their way to its session. */
export interface Feed {
  /** Bytes that were read and not taken yet. */
  readonly waitingBytes: number;
  data(chunk: Uint8Array): void;
  /** The peer sends no more. */
  end(): void;
  /** Drops what wasn't taken. */
  close(): void;
}

/**
 * A peer that uses little time is never kept waiting. One that has used a turn's worth faster than its share is paused and waits; of all that wait
 * one has a turn each time that the others were read. So a flood, or many of them, are slowed to what is left over.
 */
export function createTurns(parts: TurnsParts): Turns {
  const waiting: Turn[] = [];
  let isScheduled = false;
  const schedule = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    parts.later(next);
  };
  const wait = (turn: Turn): void => {
    waiting.push(turn);
    schedule();
  };
  return { join: (feed) => new Turn(feed, { ...parts, wait }) };

  function next(): void {
    isScheduled = false;
    waiting.shift()?.goOn();
    if (waiting.length > 0) schedule();
  }
}

interface TurnParts extends TurnsParts {
  wait(turn: Turn): void;
}

class Turn implements Feed {
  readonly #feed: FeedParts;
  readonly #parts: TurnParts;
  readonly #chunks: Uint8Array[] = [];
  #waitingBytes = 0;
  /** Bytes of the first chunk that were taken. */
  #at = 0;
  #pieceBytes = PIECE_BYTES_START;
  /** Time used above the share, as of `#usedAtMs`. */
  #usedMs = 0;
  #usedAtMs = 0;
  #isWaiting = false;
  #hasEnded = false;
  #isClosed = false;

  constructor(feed: FeedParts, parts: TurnParts) {
    this.#feed = feed;
    this.#parts = parts;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  data(chunk: Uint8Array): void {
    if (this.#hasEnded || this.#isClosed) return;
    this.#chunks.push(chunk);
    this.#waitingBytes += chunk.length;
    if (!this.#isWaiting) this.#work();
  }

  end(): void {
    this.#hasEnded = true;
    if (!this.#isWaiting) this.#work();
  }

  close(): void {
    this.#isClosed = true;
    this.#chunks.length = 0;
    this.#waitingBytes = 0;
  }

  goOn(): void {
    this.#isWaiting = false;
    this.#usedMs = 0;
    this.#work();
    if (!this.#isWaiting && !this.#isClosed) this.#feed.setPaused(false);
  }

  #work(): void {
    for (let piece = this.#nextPiece(); piece !== undefined; piece = this.#nextPiece()) {
      if (this.#waits()) return;
      this.#take(piece);
    }
    if (this.#hasEnded && !this.#isClosed) this.#feed.ended();
    else this.#waits();
  }

  /** Waits for a turn when this one is over, and for the end of a rest before that. */
  #waits(): boolean {
    if (this.#isClosed) return false;
    const { clock, turnMs } = this.#parts;
    const restMs = this.#feed.restMs?.() ?? 0;
    if (restMs === 0 && this.#usedMs < turnMs) return false;
    this.#isWaiting = true;
    this.#feed.setPaused(true);
    const wait = (): void => {
      this.#parts.wait(this);
    };
    if (restMs > 0) clock.after(restMs, wait);
    else wait();
    return true;
  }

  #take(piece: Uint8Array): void {
    const { clock, turnMs } = this.#parts;
    this.#advance(piece.length);
    const startMs = clock.nowMs();
    this.#feed.take(piece);
    const endMs = clock.nowMs();
    const tookMs = endMs - startMs;
    this.#usedMs = Math.max(0, this.#usedMs - (startMs - this.#usedAtMs) * SHARE) + tookMs;
    this.#usedAtMs = endMs;
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
    this.#waitingBytes -= bytes;
    if (this.#at < (this.#chunks[0]?.length ?? 0)) return;
    this.#chunks.shift();
    this.#at = 0;
  }
}
