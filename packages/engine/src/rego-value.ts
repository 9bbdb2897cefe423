import { jsonString } from "./plan/values/json-text.ts";
import { numberFromText, RegoNumber } from "./plan/values/number.ts";
import { objectEntries, RegoObject } from "./plan/values/object.ts";
import { RegoSet } from "./plan/values/set.ts";
import { isObject, type Value } from "./plan/values/value.ts";

/** Prints a value so that `opa_value_parse` reads the same value: the reverse of {@link parseRegoValue}. */
export function formatRegoValue(value: Value): string {
  if (typeof value === "string") return jsonString(value);
  if (value === null || typeof value !== "object") return String(value);
  if (value instanceof RegoNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(formatRegoValue).join(",")}]`;
  if (value instanceof RegoSet)
    return value.size === 0 ? EMPTY_SET : `{${value.sorted().map(formatRegoValue).join(",")}}`;
  if (!isObject(value)) return "null";
  const members = [...objectEntries(value)].map(
    ([key, member]) => `${formatRegoValue(key)}:${formatRegoValue(member)}`,
  );
  return `{${members.join(",")}}`;
}

/**
 * Parses what `opa_value_dump` prints: JSON, and sets (`{1, 2}`, `set()`) and objects with any keys besides. Unlike `opa_json_dump` it
 * doesn't make arrays of sets, so a host built-in sees what the policy passed.
 *
 * @throws SyntaxError for any other text.
 */
export function parseRegoValue(text: string): Value {
  const cursor: Cursor = { text, at: 0 };
  const value = parseValue(cursor);
  skipBlanks(cursor);
  if (cursor.at < text.length) fail(cursor);
  return value;
}

interface Cursor {
  readonly text: string;
  at: number;
}

const SCALAR = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null/suy;
const EMPTY_SET = "set()";

function parseValue(cursor: Cursor): Value {
  skipBlanks(cursor);
  if (take(cursor, EMPTY_SET)) return RegoSet.of([]);
  if (take(cursor, "[")) return parseItems(cursor, "]");
  if (take(cursor, "{")) return parseBraces(cursor);
  SCALAR.lastIndex = cursor.at;
  const token = SCALAR.exec(cursor.text)?.[0];
  const value = token === undefined ? undefined : scalar(token);
  if (token === undefined || value === undefined) return fail(cursor);
  cursor.at += token.length;
  return value;
}

function scalar(token: string): Value | undefined {
  if (token.startsWith('"')) {
    const text: unknown = JSON.parse(token);
    return typeof text === "string" ? text : undefined;
  }
  if (token === "null") return null;
  if (token === "true" || token === "false") return token === "true";
  return numberFromText(token);
}

function parseItems(cursor: Cursor, close: string): Value[] {
  const items: Value[] = [];
  if (closes(cursor, close)) return items;
  do items.push(parseValue(cursor));
  while (separates(cursor));
  return closes(cursor, close) ? items : fail(cursor);
}

/** `{}` is an object; a colon after the first value makes an object, anything else a set. */
function parseBraces(cursor: Cursor): Value {
  if (closes(cursor, "}")) return {};
  const first = parseValue(cursor);
  skipBlanks(cursor);
  if (!take(cursor, ":")) return RegoSet.of([first, ...(separates(cursor) ? parseItems(cursor, "}") : endOf(cursor))]);
  const entries: [Value, Value][] = [[first, parseValue(cursor)]];
  while (separates(cursor)) {
    const key = parseValue(cursor);
    skipBlanks(cursor);
    if (!take(cursor, ":")) return fail(cursor);
    entries.push([key, parseValue(cursor)]);
  }
  return closes(cursor, "}") ? RegoObject.of(entries) : fail(cursor);
}

function endOf(cursor: Cursor): Value[] {
  return closes(cursor, "}") ? [] : fail(cursor);
}

function closes(cursor: Cursor, close: string): boolean {
  skipBlanks(cursor);
  return take(cursor, close);
}

function separates(cursor: Cursor): boolean {
  skipBlanks(cursor);
  return take(cursor, ",");
}

function take(cursor: Cursor, token: string): boolean {
  if (!cursor.text.startsWith(token, cursor.at)) return false;
  cursor.at += token.length;
  return true;
}

function skipBlanks(cursor: Cursor): void {
  while (cursor.text.charCodeAt(cursor.at) <= 0x20) cursor.at++;
}

function fail(cursor: Cursor): never {
  throw new SyntaxError(`not a Rego value at offset ${cursor.at}`);
}
