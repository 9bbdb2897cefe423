/* oxlint-disable max-params, no-control-regex -- what, how and how deep; control characters are what is escaped */
import { spend, spendCharacters } from "../run/meter.ts";
import { compareStrings } from "./compare.ts";
import { RegoNumber } from "./number.ts";
import { objectEntries } from "./object.ts";
import { RegoSet } from "./set.ts";
import { isObject, type ObjectValue, type Value } from "./value.ts";

/** Layout of {@link jsonText}; without it, everything is on one line. */
export interface JsonLayout {
  readonly prefix: string;
  readonly indent: string;
}

/** JSON as OPA's `json.marshal` prints it: keys by code point, sets as sorted arrays, HTML characters escaped. */
export function jsonText(value: Value, layout?: JsonLayout): string {
  return print(value, layout, 0);
}

/** The name of an object's key in JSON: a string as it is, anything else as its JSON text. */
export function jsonKey(key: Value): string {
  return typeof key === "string" ? key : jsonText(key);
}

function print(value: Value, layout: JsonLayout | undefined, depth: number): string {
  if (typeof value === "string") return jsonString(value);
  if (value === null || typeof value !== "object") return String(value);
  if (value instanceof RegoNumber) return value.text;
  spend(2);
  if (value instanceof RegoSet || Array.isArray(value)) {
    const members = value instanceof RegoSet ? value.sorted() : value;
    const items = members.map((member) => print(member, layout, depth + 1));
    return wrap(["[", "]"], items, layout, depth);
  }
  return isObject(value) ? printObject(value, layout, depth) : "null";
}

function printObject(value: ObjectValue, layout: JsonLayout | undefined, depth: number): string {
  const members = new Map<string, Value>();
  for (const [key, member] of objectEntries(value)) members.set(jsonKey(key), member);
  const colon = layout === undefined ? ":" : ": ";
  const lines = [...members]
    .sort(([a], [b]) => compareStrings(a, b))
    .map(([key, member]) => jsonString(key) + colon + print(member, layout, depth + 1));
  return wrap(["{", "}"], lines, layout, depth);
}

function wrap(
  [open, close]: readonly [string, string],
  items: readonly string[],
  layout: JsonLayout | undefined,
  depth: number,
): string {
  if (items.length === 0 || layout === undefined) return open + items.join(",") + close;
  const inner = `\n${layout.prefix}${layout.indent.repeat(depth + 1)}`;
  const outer = `\n${layout.prefix}${layout.indent.repeat(depth)}`;
  return open + inner + items.join(`,${inner}`) + outer + close;
}

const SPECIAL = /[\u0000-\u001f"\\<>&\u2028\u2029]/g;
const SHORT = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

export function jsonString(text: string): string {
  spendCharacters(text.length);
  return `"${text.replace(SPECIAL, (c) => SHORT.get(c) ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`)}"`;
}
