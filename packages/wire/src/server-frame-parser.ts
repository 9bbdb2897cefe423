import { Buffer } from "node:buffer";
import { createByteGather, type ByteGather } from "./byte-gather.ts";
import { createLineFields, parseSize, splitLine } from "./control-line.ts";
import { createFault, type ClientFault } from "./fault.ts";
import { SERVER_LINE_BYTES_MAX } from "./limits.ts";

const CR = 0x0d;
const LF = 0x0a;
const SP = 0x20;

/** `BODY` is a further piece of the message whose line came before. */
export type ServerOperation = "INFO" | "MSG" | "HMSG" | "+OK" | "-ERR" | "PING" | "PONG" | "BODY";

/** One frame of the server, or a piece of one, as offsets into `bytes`. The same object each time. */
export interface ServerFrame {
  operation: ServerOperation;
  bytes: Buffer;
  start: number;
  end: number;
  /** After `end` another frame begins; false while more of a message's body is to come. */
  isComplete: boolean;
  /** The subscription of MSG and HMSG. */
  sidStart: number;
  sidEnd: number;
  /** Text after the operation of INFO and -ERR. */
  argStart: number;
  argEnd: number;
}

/** Frames of the server. Bodies are not collected: they come in the pieces they arrive in. */
export interface ServerFrameParser {
  readonly fault: ClientFault | undefined;
  /** Between frames: bytes of our own may be put in here. */
  readonly isBetweenFrames: boolean;
  /** Takes a chunk, once `next` gave `undefined` for the one before. Frames are views of it. */
  feed(chunk: Uint8Array): void;
  next(): ServerFrame | undefined;
}

export function createServerFrameParser(): ServerFrameParser {
  return new Parser();
}

class Parser implements ServerFrameParser {
  readonly #fields = createLineFields();
  readonly #frame = createServerFrame();
  #chunk: Buffer = Buffer.alloc(0);
  #at = 0;
  #fault: ClientFault | undefined;
  /** A line that began in an earlier chunk; nothing of it was given out yet. */
  #gather: ByteGather | undefined;
  #bodyBytesLeft = 0;

  get fault(): ClientFault | undefined {
    return this.#fault;
  }

  get isBetweenFrames(): boolean {
    return this.#bodyBytesLeft === 0;
  }

  feed(chunk: Uint8Array): void {
    this.#chunk = chunk instanceof Buffer ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#at = 0;
  }

  next(): ServerFrame | undefined {
    if (this.#fault !== undefined || this.#at === this.#chunk.length) return undefined;
    if (this.#bodyBytesLeft > 0) return this.#nextBody();
    const lineFeed = this.#chunk.indexOf(LF, this.#at);
    if (lineFeed === -1) return this.#keepPartialLine();
    return this.#gather === undefined ? this.#readFrame(lineFeed) : this.#readGathered(this.#gather, lineFeed);
  }

  #keepPartialLine(): undefined {
    this.#gather ??= createByteGather();
    this.#gather.append(this.#chunk.subarray(this.#at));
    this.#at = this.#chunk.length;
    if (this.#gather.length > SERVER_LINE_BYTES_MAX) this.#fail("the server sent a line that is too long");
  }

  #nextBody(): ServerFrame {
    const frame = this.#frame;
    frame.operation = "BODY";
    frame.bytes = this.#chunk;
    frame.start = this.#at;
    this.#takeBody(this.#at);
    return frame;
  }

  #readGathered(gathered: ByteGather, lineFeed: number): ServerFrame | undefined {
    gathered.append(this.#chunk.subarray(this.#at, lineFeed + 1));
    this.#at = lineFeed + 1;
    this.#gather = undefined;
    const bytes = gathered.view();
    if (!this.#readLine(bytes, 0, bytes.length - 1)) return undefined;
    this.#frame.end = bytes.length;
    this.#frame.isComplete = this.#bodyBytesLeft === 0;
    return this.#frame;
  }

  #readFrame(lineFeed: number): ServerFrame | undefined {
    if (!this.#readLine(this.#chunk, this.#at, lineFeed)) return undefined;
    this.#takeBody(lineFeed + 1);
    return this.#frame;
  }

  /** Ends the frame after as much of its body as there is from `from` on. */
  #takeBody(from: number): void {
    const taken = Math.min(this.#bodyBytesLeft, this.#chunk.length - from);
    this.#bodyBytesLeft -= taken;
    this.#at = from + taken;
    this.#frame.end = this.#at;
    this.#frame.isComplete = this.#bodyBytesLeft === 0;
  }

  #readLine(bytes: Buffer, start: number, lineFeed: number): boolean {
    const frame = this.#frame;
    const end = bytes[lineFeed - 1] === CR && lineFeed > start ? lineFeed - 1 : lineFeed;
    const operation = readOperation(bytes, start, end);
    if (operation === undefined) return this.#fail("the server sent an operation that isn't a server's");
    frame.operation = operation;
    frame.bytes = bytes;
    frame.start = start;
    if (operation === "MSG" || operation === "HMSG") return this.#readMessage([start, end]);
    frame.argStart = Math.min(start + operation.length + 1, end);
    frame.argEnd = end;
    return true;
  }

  #readMessage(range: readonly [start: number, end: number]): boolean {
    const frame = this.#frame;
    const fields = this.#fields;
    const least = frame.operation === "MSG" ? 4 : 5;
    const isSplit = splitLine(frame.bytes, range, fields);
    if (!isSplit || fields.count < least || fields.count > least + 1)
      return this.#fail("the server sent a malformed message");
    const last = fields.count - 1;
    const size = parseSize(frame.bytes, fields.starts[last] ?? 0, fields.ends[last] ?? 0);
    if (size < 0) return this.#fail("the server sent a message without a size");
    frame.sidStart = fields.starts[2] ?? 0;
    frame.sidEnd = fields.ends[2] ?? 0;
    this.#bodyBytesLeft = size + 2;
    return true;
  }

  #fail(reason: string): false {
    this.#fault = createFault("wire.upstream", reason);
    return false;
  }
}

function createServerFrame(): ServerFrame {
  return {
    operation: "PING",
    bytes: Buffer.alloc(0),
    start: 0,
    end: 0,
    isComplete: true,
    sidStart: 0,
    sidEnd: 0,
    argStart: 0,
    argEnd: 0,
  };
}

const OPERATIONS = ["MSG", "HMSG", "PING", "PONG", "+OK", "-ERR", "INFO"] as const;

function readOperation(bytes: Buffer, start: number, end: number): ServerOperation | undefined {
  for (const name of OPERATIONS) {
    const wordEnd = start + name.length;
    if (wordEnd <= end && startsWith(bytes, name, start) && (wordEnd === end || bytes[wordEnd] === SP)) return name;
  }
  return undefined;
}

function startsWith(bytes: Buffer, name: string, start: number): boolean {
  for (let i = 0; i < name.length; i++) {
    if (bytes[start + i] !== name.charCodeAt(i)) return false;
  }
  return true;
}
