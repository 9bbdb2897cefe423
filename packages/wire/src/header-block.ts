import { Buffer } from "node:buffer";
import { HEADER_BLOCK_BYTES_MAX, HEADER_COUNT_MAX, HEADER_NAME_BYTES_MAX, type HeaderField } from "@cortexos/protocol";
import { createFault, type ClientFault } from "./fault.ts";

/** First line of a header block; anything after the version is a status line, which is the server's to send. */
const FIRST_LINE = Buffer.from("NATS/1.0\r\n", "latin1");
const CR = 0x0d;
const LF = 0x0a;
const SP = 0x20;
const TAB = 0x09;
const COLON = 0x3a;

export interface HeaderBlock {
  readonly fields: readonly HeaderField[];
  /** It is what the serialiser would write for these fields. */
  readonly isCanonical: boolean;
}

/**
 * Reads a client's header block, which must fill `range` exactly: `NATS/1.0`, lines `Name: value`, one blank line, CRLF everywhere. Names are printable
 * ASCII without colon (ADR-4), values UTF-8 without control characters. Readers of NATS headers differ in everything else (bare LF, folds, inner blank
 * lines, a block that ends early), so all of it is a fault.
 */
export function parseHeaderBlock(
  bytes: Buffer,
  range: readonly [start: number, end: number],
): HeaderBlock | ClientFault {
  const [start, end] = range;
  const fields: HeaderField[] = [];
  if (end - start > HEADER_BLOCK_BYTES_MAX) return createFault("wire.header_limit", "the header block is too long");
  const firstLineEnd = start + FIRST_LINE.length;
  if (firstLineEnd > end || bytes.compare(FIRST_LINE, 0, FIRST_LINE.length, start, firstLineEnd) !== 0) {
    return createFault("wire.header_block", "the first header line is not NATS/1.0");
  }
  let isCanonical = true;
  let i = firstLineEnd;
  while (i + 2 < end) {
    const line = readLine(bytes, i, end);
    if ("code" in line) return line;
    if (fields.length === HEADER_COUNT_MAX) return createFault("wire.header_limit", "too many header lines");
    fields.push(line.field);
    isCanonical &&= line.isCanonical;
    i = line.next;
  }
  if (i + 2 !== end || bytes[i] !== CR || bytes[i + 1] !== LF) {
    return createFault("wire.header_block", "the header block does not end in a blank line at its declared size");
  }
  return { fields, isCanonical };
}

interface HeaderLine {
  readonly field: HeaderField;
  readonly isCanonical: boolean;
  readonly next: number;
}

function readLine(bytes: Buffer, start: number, blockEnd: number): HeaderLine | ClientFault {
  let colon = start;
  while (colon < blockEnd && isNameByte(bytes[colon] ?? 0)) colon++;
  if (colon === start || bytes[colon] !== COLON) return createFault("wire.header_block", "a header line has no name");
  if (colon - start > HEADER_NAME_BYTES_MAX) return createFault("wire.header_limit", "a header name is too long");
  let lineEnd = colon + 1;
  let isAscii = true;
  while (lineEnd < blockEnd && isValueByte(bytes[lineEnd] ?? 0)) {
    if ((bytes[lineEnd] ?? 0) > 0x7e) isAscii = false;
    lineEnd++;
  }
  if (bytes[lineEnd] !== CR || bytes[lineEnd + 1] !== LF || lineEnd + 2 > blockEnd) {
    return createFault("wire.header_block", "a header line has a control byte or does not end in CRLF");
  }
  const [valueStart, valueEnd] = trim(bytes, colon + 1, lineEnd);
  const value = isAscii
    ? bytes.toString("latin1", valueStart, valueEnd)
    : decodeUtf8(bytes.subarray(valueStart, valueEnd));
  if (value === undefined) return createFault("wire.header_block", "a header value is not UTF-8");
  return {
    field: [bytes.toString("latin1", start, colon), value],
    isCanonical: bytes[colon + 1] === SP && valueStart === colon + 2 && valueEnd === lineEnd,
    next: lineEnd + 2,
  };
}

function trim(bytes: Buffer, start: number, end: number): [start: number, end: number] {
  let from = start;
  let to = end;
  while (from < to && isBlank(bytes[from])) from++;
  while (to > from && isBlank(bytes[to - 1])) to--;
  return [from, to];
}

function isBlank(c: number | undefined): boolean {
  return c === SP || c === TAB;
}

function isNameByte(c: number): boolean {
  return c > SP && c < 0x7f && c !== COLON;
}

function isValueByte(c: number): boolean {
  return (c >= SP && c !== 0x7f) || c === TAB;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
