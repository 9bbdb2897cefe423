import { spend, spendCharacters } from "../run/meter.ts";
import { numberText, RegoNumber } from "./number.ts";
import { sortedEntries } from "./object.ts";
import { RegoSet } from "./set.ts";
import { isObject, type Value } from "./value.ts";

/** A value as OPA prints terms: `{"a": [1, 2]}`, `set()`. */
export function regoText(value: Value): string {
  if (typeof value === "string") return quote(value);
  if (value === null || typeof value !== "object") return String(value);
  if (value instanceof RegoNumber) return numberText(value);
  spend(1);
  if (Array.isArray(value)) return `[${value.map(regoText).join(", ")}]`;
  if (value instanceof RegoSet) return value.size === 0 ? "set()" : `{${value.sorted().map(regoText).join(", ")}}`;
  if (!isObject(value)) return "null";
  const members = [...sortedEntries(value)].map(([key, member]) => `${regoText(key)}: ${regoText(member)}`);
  return `{${members.join(", ")}}`;
}

const SHORT = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\u0007", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\v", "\\v"],
]);

/** Letters, marks, numbers, punctuation, symbols and the plain space: what Go prints as itself. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** Go's `strconv.Quote`. */
export function quote(text: string): string {
  spendCharacters(text.length);
  let out = '"';
  for (const character of text) out += SHORT.get(character) ?? (PRINTABLE.test(character) ? character : hex(character));
  return `${out}"`;
}

function hex(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
}
