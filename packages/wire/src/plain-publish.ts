import type { Buffer } from "node:buffer";
import { HASH_START, hashByte, type ClientFrame } from "./client-frame.ts";
import { SIZE_DIGITS_MAX } from "./control-line.ts";

const SP = 0x20;
const CR = 0x0d;
const LF = 0x0a;

export interface PlainPublishLimits {
  readonly controlLineBytesMax: number;
  readonly payloadBytesMax: number;
}

/**
 * The quick way for the common frame: a canonical `PUB subject size` with no reply that lies wholly in the chunk.
 *
 * @returns false for everything else, faults included; the frame is then untouched or half filled, and the general way reads it from the start.
 */
export function scanPlainPublish(
  bytes: Buffer,
  frame: ClientFrame,
  { controlLineBytesMax, payloadBytesMax }: PlainPublishLimits,
): boolean {
  const { start } = frame;
  if (bytes[start] !== 0x50 || bytes[start + 1] !== 0x55 || bytes[start + 2] !== 0x42 || bytes[start + 3] !== SP)
    return false;
  const subjectStart = start + 4;
  let subjectEnd = subjectStart;
  let subjectHash = HASH_START;
  for (;;) {
    const c = bytes[subjectEnd] ?? 0;
    if (c <= SP || c > 0x7e) break;
    subjectHash = hashByte(subjectHash, c);
    subjectEnd++;
  }
  if (subjectEnd === subjectStart || bytes[subjectEnd] !== SP) return false;
  const sizeStart = subjectEnd + 1;
  let i = sizeStart;
  let size = 0;
  for (; ; i++) {
    const digit = (bytes[i] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) break;
    size = size * 10 + digit;
    if (i - sizeStart === SIZE_DIGITS_MAX) return false;
  }
  if (i === sizeStart || (bytes[sizeStart] === 0x30 && i - sizeStart > 1)) return false;
  if (bytes[i] !== CR || bytes[i + 1] !== LF) return false;
  if (i - subjectStart > controlLineBytesMax || size > payloadBytesMax) return false;
  const payloadEnd = i + 2 + size;
  if (bytes[payloadEnd] !== CR || bytes[payloadEnd + 1] !== LF) return false;
  frame.operation = "PUB";
  frame.bytes = bytes;
  frame.end = payloadEnd + 2;
  frame.isCanonical = true;
  frame.isPlain = true;
  frame.subjectStart = subjectStart;
  frame.subjectEnd = subjectEnd;
  frame.subjectHash = subjectHash;
  frame.replyStart = subjectEnd;
  frame.replyEnd = subjectEnd;
  frame.payloadStart = i + 2;
  frame.payloadEnd = payloadEnd;
  frame.headers = NO_HEADERS;
  return true;
}

/**
 * Steps over the frames behind a plain one that have its control line to the byte, and so its subject and size.
 *
 * @param view - of the same bytes.
 * @returns the index after the last of them that lies wholly in the chunk.
 */
export function skipAlike(bytes: Buffer, view: DataView, { end, payloadStart, start }: AlikeFrame): number {
  const lineBytes = payloadStart - start;
  const frameBytes = end - start;
  const wordsEnd = lineBytes & ~3;
  let at = end;
  while (at + frameBytes <= bytes.length) {
    if (bytes[at + frameBytes - 2] !== CR || bytes[at + frameBytes - 1] !== LF) return at;
    let i = 0;
    while (i < wordsEnd && view.getInt32(at + i) === view.getInt32(start + i)) i += 4;
    while (i < lineBytes && bytes[at + i] === bytes[start + i]) i++;
    if (i < lineBytes) return at;
    at += frameBytes;
  }
  return at;
}

type AlikeFrame = Pick<ClientFrame, "end" | "payloadStart" | "start">;

/** One shared array, so that a plain frame allocates nothing. */
export const NO_HEADERS: readonly [] = [];
