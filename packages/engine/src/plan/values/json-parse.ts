/* oxlint-disable no-control-regex -- control characters are what is looked for */
import { numberFromText } from "./number.ts";
import { definePlain } from "./object.ts";
import type { PlainObject, Value } from "./value.ts";

/** Deeper documents are refused, as Go's decoder refuses them. */
const JSON_DEPTH_MAX = 10_000;

/** A text isn't JSON. */
export class JsonSyntaxFailure extends Error {
  override readonly name = "JsonSyntaxFailure";
}

/**
 * Parses strict JSON without losing anything: number texts are kept, the last of duplicate keys wins, unpaired surrogates
 * become U+FFFD, as in Go.
 *
 * @throws {@link JsonSyntaxFailure}
 */
export function parseJson(text: string): Value {
  const cursor: Cursor = { text, at: 0, depth: 0 };
  const value = parseValue(cursor);
  skipSpace(cursor);
  if (cursor.at < text.length) fail(cursor);
  return value;
}

interface Cursor {
  readonly text: string;
  at: number;
  depth: number;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const PLAIN_TEXT = /[^"\\\u0000-\u001f]*/y;
const WORDS: readonly (readonly [string, Value])[] = [
  ["null", null],
  ["true", true],
  ["false", false],
];

function parseValue(cursor: Cursor): Value {
  skipSpace(cursor);
  const first = cursor.text.charAt(cursor.at);
  if (first === "{") return nested(cursor, parseMembers);
  if (first === "[") return nested(cursor, parseElements);
  if (first === '"') return parseString(cursor);
  for (const [word, value] of WORDS) {
    if (!cursor.text.startsWith(word, cursor.at)) continue;
    cursor.at += word.length;
    return value;
  }
  return parseNumber(cursor);
}

function nested(cursor: Cursor, parse: (cursor: Cursor) => Value): Value {
  cursor.depth += 1;
  if (cursor.depth > JSON_DEPTH_MAX) throw new JsonSyntaxFailure("exceeded max depth");
  cursor.at += 1;
  const value = parse(cursor);
  cursor.depth -= 1;
  return value;
}

function parseMembers(cursor: Cursor): PlainObject {
  const object: PlainObject = {};
  skipSpace(cursor);
  if (accept(cursor, "}")) return object;
  do {
    skipSpace(cursor);
    const key = parseString(cursor);
    skipSpace(cursor);
    if (!accept(cursor, ":")) fail(cursor);
    definePlain(object, key, parseValue(cursor));
    skipSpace(cursor);
  } while (accept(cursor, ","));
  if (!accept(cursor, "}")) fail(cursor);
  return object;
}

function parseElements(cursor: Cursor): Value[] {
  const array: Value[] = [];
  skipSpace(cursor);
  if (accept(cursor, "]")) return array;
  do {
    array.push(parseValue(cursor));
    skipSpace(cursor);
  } while (accept(cursor, ","));
  if (!accept(cursor, "]")) fail(cursor);
  return array;
}

function parseNumber(cursor: Cursor): Value {
  NUMBER.lastIndex = cursor.at;
  const token = NUMBER.exec(cursor.text)?.[0];
  const value = token === undefined ? undefined : numberFromText(token);
  if (token === undefined || value === undefined) return fail(cursor);
  cursor.at += token.length;
  return value;
}

const ESCAPES = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

function parseString(cursor: Cursor): string {
  if (!accept(cursor, '"')) fail(cursor);
  let out = "";
  for (;;) {
    PLAIN_TEXT.lastIndex = cursor.at;
    const plain = PLAIN_TEXT.exec(cursor.text)?.[0] ?? "";
    out += plain;
    cursor.at += plain.length;
    if (accept(cursor, '"')) return out.toWellFormed();
    if (!accept(cursor, "\\")) fail(cursor);
    out += parseEscape(cursor);
  }
}

function parseEscape(cursor: Cursor): string {
  const letter = cursor.text.charAt(cursor.at);
  cursor.at += 1;
  if (letter !== "u") return ESCAPES.get(letter) ?? fail(cursor);
  const hex = cursor.text.slice(cursor.at, cursor.at + 4);
  if (!/^[0-9a-fA-F]{4}$/.test(hex)) fail(cursor);
  cursor.at += 4;
  return String.fromCharCode(Number.parseInt(hex, 16));
}

function skipSpace(cursor: Cursor): void {
  for (; cursor.at < cursor.text.length; cursor.at += 1) {
    const unit = cursor.text.charCodeAt(cursor.at);
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
  }
}

function accept(cursor: Cursor, token: string): boolean {
  if (cursor.text.charAt(cursor.at) !== token) return false;
  cursor.at += 1;
  return true;
}

function fail(cursor: Cursor): never {
  throw new JsonSyntaxFailure(`invalid JSON at offset ${cursor.at}`);
}
