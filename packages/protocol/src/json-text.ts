import { Buffer, isAscii, isUtf8 } from "node:buffer";
import { isExactNumber } from "./json-number.ts";
import type { JsonObject, JsonValue } from "./json-value.ts";

/** Deepest nesting of arrays and objects that is decided. */
export const JSON_DEPTH_MAX = 64;

/** Most values in one text, counted as commas, colons and brackets. */
export const JSON_VALUES_MAX = 200_000;

/** Bounds of a decoding. */
export interface JsonLimits {
  readonly depthMax: number;
  readonly valuesMax: number;
}

/** Why bytes aren't JSON that every reader reads alike. */
export type JsonFault =
  | "payload.utf8"
  | "payload.json"
  | "payload.depth"
  | "payload.values"
  | "payload.number"
  | "payload.surrogate"
  | "payload.duplicate_key";

/** What {@link decodeJson} answers. */
export type JsonDecoding = { readonly ok: true; readonly value: JsonValue } | JsonFailure;

/** Bytes that couldn't be decoded, with a stable code and words for people. */
export interface JsonFailure {
  readonly ok: false;
  readonly code: JsonFault;
  readonly reason: string;
}

const DEFAULT_LIMITS: JsonLimits = { depthMax: JSON_DEPTH_MAX, valuesMax: JSON_VALUES_MAX };

/**
 * Decodes JSON (RFC 8259) that every reader reads alike: UTF-8 without a byte order mark, no key twice, no lone surrogate, no number that
 * a double can't hold, nothing after the value. Hostile keys such as `__proto__` become plain own properties. Never throws.
 *
 * @param bytes - not kept, not changed.
 */
export function decodeJson(bytes: Uint8Array, limits: JsonLimits = DEFAULT_LIMITS): JsonDecoding {
  if (hasByteOrderMark(bytes)) return failure("payload.utf8", "the text begins with a byte order mark");
  const isPlain = isAscii(bytes);
  if (!isPlain && !isUtf8(bytes)) return failure("payload.utf8", "the text is not UTF-8");
  let value: JsonValue;
  try {
    value = JSON.parse(textOf(bytes, isPlain ? "latin1" : "utf8"));
  } catch {
    return failure("payload.json", "the text is not JSON");
  }
  // The grammar is known to hold from here on, so the scan only looks for what JSON.parse lets through.
  const members = scan(bytes, limits);
  if (typeof members !== "number") return members;
  if (countMembers(value) !== members) return failure("payload.duplicate_key", "an object has a key twice");
  return { ok: true, value };
}

/** Whether bytes begin with U+FEFF. */
function hasByteOrderMark(bytes: Uint8Array): boolean {
  return bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

function failure(code: JsonFault, reason: string): JsonFailure {
  return { ok: false, code, reason };
}

function textOf(bytes: Uint8Array, encoding: "latin1" | "utf8"): string {
  const buffer = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.toString(encoding);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const DIGITS_ALWAYS_EXACT = 15;
/** Bytes of a string that are walked before it counts as long. */
const WALKED_BYTES = 32;

/** Walks over valid JSON. Gives the number of members of all objects, or what is wrong. */
function scan(bytes: Uint8Array, limits: JsonLimits): number | JsonFailure {
  const hasEscapes = bytes.includes(BACKSLASH);
  let depth = 0;
  let members = 0;
  let values = 0;
  let i = 0;
  while (i < bytes.length) {
    const c = bytes[i];
    if (c === QUOTE) {
      i = hasEscapes ? endOfString(bytes, i + 1) : endOfPlainString(bytes, i + 1);
      if (i === -1) return failure("payload.surrogate", "a string has half a surrogate pair");
      continue;
    }
    if (c === 0x7b || c === 0x5b) {
      values++;
      if (++depth > limits.depthMax) return failure("payload.depth", `nested deeper than ${limits.depthMax}`);
    } else if (c === 0x7d || c === 0x5d) depth--;
    else if (c === 0x3a) {
      members++;
      values++;
    } else if (c === 0x2c) values++;
    else if (c !== undefined && isNumberStart(c)) {
      const end = endOfNumber(bytes, i);
      if (!survives(bytes, i, end)) return failure("payload.number", "a number doesn't fit a double exactly");
      i = end;
      continue;
    }
    i++;
  }
  return values > limits.valuesMax ? failure("payload.values", `more than ${limits.valuesMax} values`) : members;
}

/** Index after the closing quote, or -1 for a lone surrogate. Raw surrogates can't be there: the bytes are UTF-8. */
function endOfString(bytes: Uint8Array, start: number): number {
  let i = start;
  while (i < bytes.length && bytes[i] !== QUOTE) {
    if (bytes[i] !== BACKSLASH) {
      i++;
      continue;
    }
    if (bytes[i + 1] !== 0x75) {
      i += 2;
      continue;
    }
    const unit = unitAt(bytes, i);
    i += 6;
    if (unit < 0xd800 || unit > 0xdfff) continue;
    if (unit >= 0xdc00) return -1;
    const low = unitAt(bytes, i);
    if (low < 0xdc00 || low > 0xdfff) return -1;
    i += 6;
  }
  return i + 1;
}

/** Index after the closing quote of a string in a text without escapes. A long string is searched faster than it is walked. */
function endOfPlainString(bytes: Uint8Array, start: number): number {
  for (let i = start; i < start + WALKED_BYTES; i++) if (bytes[i] === QUOTE) return i + 1;
  return bytes.indexOf(QUOTE, start + WALKED_BYTES) + 1;
}

/** The UTF-16 unit of a `\uXXXX` escape at an index, or -1 when there is none. */
function unitAt(bytes: Uint8Array, i: number): number {
  if (bytes[i] !== BACKSLASH || bytes[i + 1] !== 0x75) return -1;
  let unit = 0;
  for (let k = i + 2; k < i + 6; k++) unit = unit * 16 + hexDigit(bytes[k] ?? 0);
  return unit;
}

function hexDigit(c: number): number {
  return c <= 0x39 ? c - 0x30 : (c | 0x20) - 0x57;
}

function isNumberStart(c: number): boolean {
  return c === 0x2d || (c >= 0x30 && c <= 0x39);
}

function endOfNumber(bytes: Uint8Array, start: number): number {
  let i = start + 1;
  for (; i < bytes.length; i++) {
    const c = bytes[i] ?? 0;
    const inNumber = (c >= 0x30 && c <= 0x39) || c === 0x2e || c === 0x2d || c === 0x2b || c === 0x65 || c === 0x45;
    if (!inNumber) break;
  }
  return i;
}

function survives(bytes: Uint8Array, start: number, end: number): boolean {
  let plain = end - start <= DIGITS_ALWAYS_EXACT;
  for (let i = start; plain && i < end; i++) plain = bytes[i] !== 0x65 && bytes[i] !== 0x45;
  if (plain) return true;
  return isExactNumber(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1"));
}

/** Own properties of all objects in a value: fewer than were written when a key came twice. */
function countMembers(value: JsonValue): number {
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  if (isArray(value)) {
    for (const item of value) if (typeof item === "object") count += countMembers(item);
    return count;
  }
  const keys = Object.keys(value);
  for (const key of keys) {
    const member = value[key];
    if (typeof member === "object") count += countMembers(member);
  }
  return count + keys.length;
}

function isArray(value: JsonObject | readonly JsonValue[]): value is readonly JsonValue[] {
  return Array.isArray(value);
}
