import type { Buffer } from "node:buffer";
import { CLIENT_OPERATIONS, hashSubject, type ClientFrame, type ClientOperation } from "./client-frame.ts";
import { createLineFields, isPlainSize, parseSize, splitLine, type LineFields } from "./control-line.ts";
import { createFault, type ClientFault } from "./fault.ts";
import { HEADER_BLOCK_BYTES_MAX } from "@cortexos/protocol";
import { NO_HEADERS, type PlainPublishLimits } from "./plain-publish.ts";

const SP = 0x20;
const TAB = 0x09;
const CR = 0x0d;
const VERB_BYTES_MAX = 7;

/** Reads control lines of a client into frames. */
export interface ClientLineReader {
  /**
   * Reads the line at `frame.start` up to the LF at `lineFeed`; fills everything that the line tells.
   *
   * @returns a fault, or how many bytes follow the line (-1: none, not even a CRLF).
   */
  read(bytes: Buffer, frame: ClientFrame, lineFeed: number): number | ClientFault;
  /** What is already wrong with a line whose end hasn't come yet. */
  checkPartial(bytes: Uint8Array): ClientFault | undefined;
}

/**
 * Checks come in one order (operation, length, bytes, arguments, sizes), and what is found in a part of a line would be found first in the whole, so that
 * how the stream is cut never changes a fault.
 */
export function createClientLineReader(limits: PlainPublishLimits): ClientLineReader {
  const fields = createLineFields();
  return {
    read: (bytes, frame, lineFeed) => {
      const hasCr = lineFeed > frame.start && bytes[lineFeed - 1] === CR;
      const range = [frame.start, hasCr ? lineFeed - 1 : lineFeed] as const;
      const operation = readOperation(bytes, range);
      if (operation === undefined) return unknownOperation();
      if (isTooLong(range[1] - range[0], operation)) return tooLong();
      if (!splitLine(bytes, range, fields)) {
        return createFault("wire.control_line", "a control line has a control byte or a CR that doesn't end it");
      }
      frame.operation = operation;
      frame.bytes = bytes;
      frame.isCanonical = false;
      frame.isPlain = false;
      frame.headers = NO_HEADERS;
      frame.payloadStart = lineFeed + 1;
      return readArguments({ bytes, frame, fields, isCrLf: hasCr, end: range[1] }, limits.payloadBytesMax);
    },
    checkPartial: (bytes) => {
      // A CR at the end may yet be the line's own.
      const end = bytes[bytes.length - 1] === CR ? bytes.length - 1 : bytes.length;
      const verbEnd = operationEnd(bytes, [0, end]);
      if (verbEnd === end && end === bytes.length) return isPrefix(bytes, end) ? undefined : unknownOperation();
      const operation = readOperation(bytes, [0, end]);
      if (operation === undefined) return unknownOperation();
      return isTooLong(end, operation) ? tooLong() : undefined;
    },
  };

  function isTooLong(lineBytes: number, operation: ClientOperation): boolean {
    return lineBytes - operation.length - 1 > limits.controlLineBytesMax;
  }
}

interface Line {
  readonly bytes: Buffer;
  readonly frame: ClientFrame;
  readonly fields: LineFields;
  readonly isCrLf: boolean;
  readonly end: number;
}

function readArguments(line: Line, payloadBytesMax: number): number | ClientFault {
  const { bytes, frame, fields } = line;
  switch (frame.operation) {
    case "PUB":
    case "HPUB":
      return readPublish(line, payloadBytesMax);
    case "SUB":
    case "UNSUB":
      return readSubscription(line);
    case "CONNECT":
      if (fields.count < 2) return wrongArguments("CONNECT");
      frame.args = [bytes.toString("latin1", fields.starts[1], trimEnd(bytes, line.end))];
      return -1;
    case "PING":
    case "PONG":
      return -1;
  }
}

function readSubscription({ bytes, frame, fields }: Line): number | ClientFault {
  const argCount = fields.count - 1;
  const least = frame.operation === "SUB" ? 2 : 1;
  if (argCount < least || argCount > least + 1) return wrongArguments(frame.operation);
  if (frame.operation === "UNSUB" && argCount === 2 && fieldSize(bytes, fields, 2) < 0) {
    return createFault("wire.size", "UNSUB with a maximum that isn't a number");
  }
  frame.args = Array.from({ length: argCount }, (_, i) => fieldText(bytes, fields, i + 1));
  return -1;
}

function readPublish(line: Line, payloadBytesMax: number): number | ClientFault {
  const { bytes, frame, fields } = line;
  const sizeCount = frame.operation === "HPUB" ? 2 : 1;
  const hasReply = fields.count === sizeCount + 3;
  if (!hasReply && fields.count !== sizeCount + 2) return wrongArguments(frame.operation);
  const totalField = fields.count - 1;
  const total = fieldSize(bytes, fields, totalField);
  const headerBytes = sizeCount === 2 ? fieldSize(bytes, fields, totalField - 1) : 0;
  if (total < 0 || headerBytes < 0) return createFault("wire.size", "a size is not 1 to 9 digits");
  if (headerBytes > total) return createFault("wire.size", "the header size is above the total size");
  if (total > payloadBytesMax) {
    return createFault("wire.payload_too_large", `a publish of ${total} bytes where ${payloadBytesMax} are allowed`);
  }
  if (headerBytes > HEADER_BLOCK_BYTES_MAX) return createFault("wire.header_limit", "the header block is too long");
  frame.subjectStart = fields.starts[1] ?? 0;
  frame.subjectEnd = fields.ends[1] ?? 0;
  frame.subjectHash = hashSubject(bytes, frame.subjectStart, frame.subjectEnd);
  frame.replyStart = hasReply ? (fields.starts[2] ?? 0) : frame.subjectEnd;
  frame.replyEnd = hasReply ? (fields.ends[2] ?? 0) : frame.subjectEnd;
  frame.isCanonical = isCanonicalLine(line, sizeCount);
  frame.payloadEnd = frame.payloadStart + total;
  frame.payloadStart += headerBytes;
  return total;
}

function isCanonicalLine({ bytes, frame, fields, isCrLf }: Line, sizeCount: number): boolean {
  if (!isCrLf || !fields.isSingleSpaced) return false;
  for (let field = fields.count - sizeCount; field < fields.count; field++) {
    if (!isPlainSize(bytes, fields.starts[field] ?? 0, fields.ends[field] ?? 0)) return false;
  }
  for (let i = 0; i < frame.operation.length; i++) {
    if (bytes[frame.start + i] !== frame.operation.charCodeAt(i)) return false;
  }
  return true;
}

function fieldSize(bytes: Buffer, fields: LineFields, field: number): number {
  return parseSize(bytes, fields.starts[field] ?? 0, fields.ends[field] ?? 0);
}

function fieldText(bytes: Buffer, fields: LineFields, field: number): string {
  return bytes.toString("latin1", fields.starts[field], fields.ends[field]);
}

function trimEnd(bytes: Uint8Array, end: number): number {
  let last = end;
  while (bytes[last - 1] === SP || bytes[last - 1] === TAB) last--;
  return last;
}

function readOperation(bytes: Uint8Array, range: readonly [start: number, end: number]): ClientOperation | undefined {
  const length = operationEnd(bytes, range) - range[0];
  return CLIENT_OPERATIONS.find((name) => name.length === length && startsLike(bytes, name, { at: range[0], length }));
}

/** Where the line's first word ends; looks no further than an operation can be long. */
function operationEnd(bytes: Uint8Array, [start, end]: readonly [start: number, end: number]): number {
  const last = Math.min(end, start + VERB_BYTES_MAX + 1);
  let i = start;
  while (i < last && bytes[i] !== SP && bytes[i] !== TAB && bytes[i] !== CR) i++;
  return i;
}

function isPrefix(bytes: Uint8Array, length: number): boolean {
  return CLIENT_OPERATIONS.some((name) => startsLike(bytes, name, { at: 0, length }));
}

function startsLike(bytes: Uint8Array, name: string, { at, length }: { at: number; length: number }): boolean {
  for (let i = 0; i < length; i++) {
    // Bit 5 is the case of a letter; the names are letters only, so nothing but the two cases can be equal, nor what is longer than the name.
    if (((bytes[at + i] ?? 0) & 0xdf) !== name.charCodeAt(i)) return false;
  }
  return true;
}

function unknownOperation(): ClientFault {
  return createFault("wire.unknown_operation", "not an operation of a client");
}

function tooLong(): ClientFault {
  return createFault("wire.control_line_too_long", "a control line is longer than the limit");
}

function wrongArguments(operation: ClientOperation): ClientFault {
  return createFault("wire.arguments", `${operation} with too few or too many arguments`);
}
