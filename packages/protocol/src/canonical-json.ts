import { digestText } from "./digest.ts";

/**
 * Serialises a value as canonical JSON (RFC 8785): keys in UTF-16 order, no blanks, ECMAScript numbers. Two equal values
 * give the same text, so its digest names the value.
 *
 * @param value - plain data: what JSON.parse gives, or an interface of ours. Members that are `undefined` are absent.
 * @throws TypeError for what JSON can't say: a lone surrogate, NaN, an infinity, `undefined`. That is a bug of the caller,
 * whose inputs were checked when they were decoded.
 */
export function canonicalJson(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "string") return canonicalString(value);
  if (typeof value === "boolean") return value ? "true" : "false";
  if (typeof value === "number") return canonicalNumber(value);
  if (Array.isArray(value)) return canonicalArray(value);
  if (isRecord(value)) return canonicalObject(value);
  throw new TypeError(`not a JSON value: ${typeof value}`);
}

/** `sha256:<hex>` of the canonical JSON of a value. */
export function digestJson(value: unknown): string {
  return digestText(canonicalJson(value));
}

/**
 * One string as canonical JSON writes it.
 *
 * @throws TypeError for a lone surrogate.
 */
export function canonicalString(text: string): string {
  // Most strings need no escape, and a test costs less than JSON.stringify.
  if (!NEEDS_CARE.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new TypeError("lone surrogate in a string");
  return JSON.stringify(text);
}

const NEEDS_CARE = /[^ !#-[\]-~]/;

function canonicalArray(value: readonly unknown[]): string {
  let text = "[";
  for (let i = 0; i < value.length; i++) text += i === 0 ? canonicalJson(value[i]) : `,${canonicalJson(value[i])}`;
  return `${text}]`;
}

function canonicalObject(value: Readonly<Record<string, unknown>>): string {
  let text = "{";
  for (const key of sortedKeys(value)) {
    const member = value[key];
    // An absent optional field: exactOptionalPropertyTypes keeps it out of our types, not out of other people's objects.
    if (member === undefined) continue;
    if (text.length > 1) text += ",";
    text += `${canonicalString(key)}:${canonicalJson(member)}`;
  }
  return `${text}}`;
}

function sortedKeys(value: object): readonly string[] {
  const keys = Object.keys(value);
  let previous = "";
  for (const key of keys) {
    if (key < previous) return keys.sort();
    previous = key;
  }
  return keys;
}

function canonicalNumber(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`not a JSON number: ${value}`);
  return String(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
