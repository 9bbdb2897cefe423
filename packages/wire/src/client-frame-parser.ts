import { Buffer } from "node:buffer";
import { createByteGather, type ByteGather } from "./byte-gather.ts";
import { createClientFrame, type ClientFrame } from "./client-frame.ts";
import { createClientLineReader, type ClientLineReader } from "./client-line.ts";
import { createFault, type ClientFault } from "./fault.ts";
import { parseHeaderBlock } from "./header-block.ts";
import { scanPlainPublish, skipAlike } from "./plain-publish.ts";

const CR = 0x0d;
const LF = 0x0a;

export interface ClientFrameParserOptions {
  /** Longest argument part of a control line, in bytes. */
  readonly controlLineBytesMax: number;
  /** Largest publish, headers and payload, in bytes. */
  readonly payloadBytesMax: number;
  /** Until `connected` a publish is a fault at its line, so that nothing of it is kept; `false` unless given. */
  readonly awaitsConnect?: boolean;
}

/** Frames of a client, one after the other. How the stream is cut never changes a frame or a fault; no bytes make it throw. */
export interface ClientFrameParser {
  /** The first violation; nothing is read after it. */
  readonly fault: ClientFault | undefined;
  /** Number of the frame that has begun and isn't complete, another for each; 0 when there is none. */
  readonly incompleteFrame: number;
  /** Bytes kept of it. */
  readonly keptBytes: number;
  /**
   * Takes a chunk, once `next` gave `undefined` for the one before.
   *
   * @param chunk - not to be changed afterwards: frames are views of it.
   */
  feed(chunk: Uint8Array): void;
  /** The next whole frame, or `undefined` when more bytes are needed or there is a fault. The same object each time. */
  next(): ClientFrame | undefined;
  /**
   * Moves the frame of `next`, which must be plain, on to those that follow it with the same control line, all at once: it then spans them, and only where it
   * starts and ends means anything.
   *
   * @returns how many there are; with 0 the frame stays as it is.
   */
  nextAlike(): number;
  /** CONNECT was taken: publishes may come. */
  connected(): void;
  /** Lowers the payload limit; it never rises. */
  tightenPayloadBytesMax(bytes: number): void;
}

export function createClientFrameParser(options: ClientFrameParserOptions): ClientFrameParser {
  return new Parser(options);
}

class Parser implements ClientFrameParser {
  readonly #limits: { controlLineBytesMax: number; payloadBytesMax: number };
  readonly #line: ClientLineReader;
  readonly #frame: ClientFrame = createClientFrame();
  #chunk: Buffer = Buffer.alloc(0);
  #view: DataView | undefined;
  #at = 0;
  #fault: ClientFault | undefined;
  #awaitsConnect: boolean;
  /** A frame that began in an earlier chunk. */
  #gather: ByteGather | undefined;
  #gatherCount = 0;
  /** Size of the gathered frame; 0 while its line isn't complete. */
  #frameBytes = 0;

  constructor({ controlLineBytesMax, payloadBytesMax, awaitsConnect = false }: ClientFrameParserOptions) {
    this.#awaitsConnect = awaitsConnect;
    this.#limits = { controlLineBytesMax, payloadBytesMax };
    this.#line = createClientLineReader(this.#limits);
  }

  get fault(): ClientFault | undefined {
    return this.#fault;
  }

  get incompleteFrame(): number {
    return this.#gather === undefined ? 0 : this.#gatherCount;
  }

  get keptBytes(): number {
    return this.#gather?.length ?? 0;
  }

  feed(chunk: Uint8Array): void {
    this.#chunk = asBuffer(chunk);
    this.#view = undefined;
    this.#at = 0;
  }

  next(): ClientFrame | undefined {
    if (this.#fault !== undefined || this.#at === this.#chunk.length) return undefined;
    if (this.#gather !== undefined) return this.#continueGathered(this.#gather);
    const frame = this.#frame;
    frame.start = this.#at;
    if (this.#awaitsConnect || !scanPlainPublish(this.#chunk, frame, this.#limits)) return this.#readFromChunk();
    this.#at = frame.end;
    return frame;
  }

  nextAlike(): number {
    const frame = this.#frame;
    // A gathered frame lies elsewhere than what follows it.
    if (frame.bytes !== this.#chunk || frame.end !== this.#at) return 0;
    this.#view ??= new DataView(this.#chunk.buffer, this.#chunk.byteOffset, this.#chunk.length);
    const at = skipAlike(this.#chunk, this.#view, frame);
    const count = (at - frame.end) / (frame.end - frame.start);
    if (count === 0) return 0;
    frame.start = frame.end;
    frame.end = at;
    this.#at = at;
    return count;
  }

  connected(): void {
    this.#awaitsConnect = false;
  }

  tightenPayloadBytesMax(bytes: number): void {
    this.#limits.payloadBytesMax = Math.min(this.#limits.payloadBytesMax, bytes);
  }

  #readFromChunk(): ClientFrame | undefined {
    const chunk = this.#chunk;
    const lineFeed = chunk.indexOf(LF, this.#at);
    if (lineFeed !== -1) {
      const size = this.#readLine(chunk, this.#at, lineFeed);
      if (size === undefined) return undefined;
      if (this.#at + size <= chunk.length) {
        this.#at += size;
        return this.#finish();
      }
      this.#frameBytes = size;
    }
    const gathered = createByteGather();
    this.#gather = gathered;
    this.#gatherCount++;
    this.#take(gathered, chunk.length - this.#at);
    if (lineFeed === -1) this.#fault = this.#line.checkPartial(gathered.view());
    return undefined;
  }

  #continueGathered(gathered: ByteGather): ClientFrame | undefined {
    if (this.#frameBytes === 0 && !this.#continueLine(gathered)) return undefined;
    const bytesLeft = this.#frameBytes - gathered.length;
    this.#take(gathered, Math.min(bytesLeft, this.#chunk.length - this.#at));
    if (gathered.length < this.#frameBytes) return undefined;
    const bytes = gathered.view();
    this.#gather = undefined;
    this.#frameBytes = 0;
    // The line was read already, but in bytes that may have moved since.
    this.#readLine(bytes, 0, bytes.indexOf(LF));
    return this.#finish();
  }

  /** @returns true when the gathered line is complete and in order. */
  #continueLine(gathered: ByteGather): boolean {
    const lineFeed = this.#chunk.indexOf(LF, this.#at);
    const end = lineFeed === -1 ? this.#chunk.length : lineFeed + 1;
    this.#take(gathered, end - this.#at);
    if (lineFeed === -1) this.#fault = this.#line.checkPartial(gathered.view());
    else this.#frameBytes = this.#readLine(gathered.view(), 0, gathered.length - 1) ?? 0;
    return this.#frameBytes > 0;
  }

  #take(gathered: ByteGather, bytes: number): void {
    gathered.append(this.#chunk.subarray(this.#at, this.#at + bytes));
    this.#at += bytes;
  }

  /** Fills the frame from its line; gives the size of the whole frame, or leaves a fault. */
  #readLine(bytes: Buffer, start: number, lineFeed: number): number | undefined {
    const frame = this.#frame;
    frame.start = start;
    const following = this.#line.read(bytes, frame, lineFeed);
    if (typeof following !== "number") {
      this.#fault = following;
      return undefined;
    }
    if (this.#awaitsConnect && following !== -1) {
      this.#fault = createFault("wire.before_connect", `${frame.operation} before CONNECT`);
      return undefined;
    }
    const lineBytes = lineFeed + 1 - start;
    const size = following === -1 ? lineBytes : lineBytes + following + 2;
    frame.end = start + size;
    return size;
  }

  /** Checks what follows the line of a complete frame. */
  #finish(): ClientFrame | undefined {
    const frame = this.#frame;
    const { bytes, payloadEnd, operation } = frame;
    if (operation !== "PUB" && operation !== "HPUB") return frame;
    if (bytes[payloadEnd] !== CR || bytes[payloadEnd + 1] !== LF) {
      this.#fault = createFault("wire.payload_end", "the payload does not end in CRLF at its declared size");
      return undefined;
    }
    if (operation === "HPUB") return this.#finishHeaders();
    frame.isPlain = frame.isCanonical && frame.replyStart === frame.replyEnd;
    return frame;
  }

  #finishHeaders(): ClientFrame | undefined {
    const frame = this.#frame;
    const blockStart = frame.bytes.indexOf(LF, frame.start) + 1;
    // nats-server delivers a header size of 0 as a message without headers: it is a PUB.
    const isEmpty = blockStart === frame.payloadStart;
    const block = isEmpty ? NO_BLOCK : parseHeaderBlock(frame.bytes, [blockStart, frame.payloadStart]);
    if ("code" in block) {
      this.#fault = block;
      return undefined;
    }
    frame.headers = block.fields;
    frame.isCanonical &&= block.isCanonical && block.fields.length > 0;
    return frame;
  }
}

const NO_BLOCK = { fields: [], isCanonical: false } as const;

function asBuffer(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
