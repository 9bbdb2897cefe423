import { Buffer } from "node:buffer";
import { isUint8Array } from "node:util/types";
import type { StandingRelease } from "@cortexos/kernel";

/** Bytes that are written into one piece of memory before the next is taken. */
const CHUNK_BYTES = 65_536;

/** Bytes of a run after which it is handed over without waiting for the turn's end. */
const RUN_BYTES_MAX = 32_768;

/** Canonical frames of plain messages under a standing release, on their way to the client: accounted for run by run, then handed over as one slice. */
export interface RunBuffer {
  /**
   * Copies a message into the run, then asks for its release: what is decided is the copy.
   *
   * @param find - the release of this message, current now.
   * @returns false when there is none: nothing was added.
   */
  add(
    subject: string,
    payload: Uint8Array | string,
    find: (payload: Uint8Array) => StandingRelease | undefined,
  ): boolean;
  /** Accounts for the run and hands it over. */
  flush(): void;
}

/** @param write - the client's own way of taking bytes; called with whole frames. */
export function createRunBuffer(write: (frames: Uint8Array) => void): RunBuffer {
  return new ChunkedRun(write);
}

class ChunkedRun implements RunBuffer {
  readonly #write: (frames: Uint8Array) => void;
  #chunk: Buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  #start = 0;
  #end = 0;
  #count = 0;
  #release: StandingRelease | undefined;
  #isScheduled = false;

  constructor(write: (frames: Uint8Array) => void) {
    this.#write = write;
  }

  add(
    subject: string,
    payload: Uint8Array | string,
    find: (payload: Uint8Array) => StandingRelease | undefined,
  ): boolean {
    const size = payloadBytes(payload);
    const head = `PUB ${subject} ${size}\r\n`;
    const frameBytes = head.length + size + 2;
    if (this.#end + frameBytes > this.#chunk.length) this.#takeChunk(frameBytes);
    const end = this.#copy(head, payload, size);
    const release = find(this.#chunk.subarray(end - 2 - size, end - 2));
    if (release === undefined) return false;
    if (release !== this.#release) this.#begin(release);
    this.#end = end;
    this.#count++;
    if (end - this.#start >= RUN_BYTES_MAX) this.flush();
    else if (!this.#isScheduled) this.#schedule();
    return true;
  }

  flush(): void {
    const release = this.#release;
    const count = this.#count;
    if (release === undefined || count === 0) return;
    const frames = this.#chunk.subarray(this.#start, this.#end);
    this.#start = this.#end;
    this.#count = 0;
    // INVARIANT: nothing under a standing release is written before it was accounted for.
    release.account(count, frames);
    this.#write(frames);
  }

  #begin(release: StandingRelease): void {
    this.flush();
    this.#release = release;
    this.#start = this.#end;
  }

  /** What was handed over is the client's until it is sent: memory is never written twice. */
  #takeChunk(frameBytes: number): void {
    this.flush();
    this.#chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, frameBytes));
    this.#start = 0;
    this.#end = 0;
  }

  #copy(head: string, payload: Uint8Array | string, size: number): number {
    const chunk = this.#chunk;
    const payloadStart = this.#end + chunk.write(head, this.#end, "latin1");
    if (typeof payload === "string") chunk.write(payload, payloadStart, "utf8");
    else chunk.set(payload, payloadStart);
    const end = payloadStart + size + 2;
    chunk[end - 2] = CR;
    chunk[end - 1] = LF;
    return end;
  }

  #schedule(): void {
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.flush();
    });
  }
}

const CR = 0x0d;
const LF = 0x0a;

/** Size of a payload as it is sent. */
export function payloadBytes(payload: Uint8Array | string): number {
  return typeof payload === "string" ? Buffer.byteLength(payload, "utf8") : payload.length;
}

/** Whether a payload can be copied as it stands. */
export function isPlainPayload(payload: unknown): payload is Uint8Array | string {
  return typeof payload === "string" || isUint8Array(payload);
}
