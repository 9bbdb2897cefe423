import { createHash } from "node:crypto";
import type { JsonObject, JsonValue } from "./json-value.ts";

/**
 * Serialises a value as canonical JSON (RFC 8785): keys in UTF-16 order, no blanks, ECMAScript numbers. Two equal values
 * give the same text, so its digest names the value.
 *
 * @throws TypeError for what JSON can't say: a lone surrogate, NaN, an infinity, `undefined`. That is a bug of the caller,
 * whose inputs were checked when they were decoded.
 */
export function canonicalJson(value: JsonValue): string {
  if (value === null) return "null";
  if (typeof value === "string") return canonicalString(value);
  if (typeof value === "boolean") return value ? "true" : "false";
  if (typeof value === "number") return canonicalNumber(value);
  if (typeof value === "object")
    return isArray(value) ? `[${value.map(canonicalJson).join(",")}]` : canonicalObject(value);
  throw new TypeError(`not a JSON value: ${typeof value}`);
}

/** `sha256:<hex>` of the canonical JSON of a value. */
export function digestJson(value: JsonValue): string {
  return digestText(canonicalJson(value));
}

/** `sha256:<hex>` of a text's UTF-8 bytes. */
export function digestText(text: string): string {
  return `sha256:${createHash("sha256").update(text, "utf8").digest("hex")}`;
}

function canonicalObject(value: JsonObject): string {
  let text = "{";
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    // An absent optional field: exactOptionalPropertyTypes keeps it out of our types, not out of other people's objects.
    if (member === undefined) continue;
    if (text.length > 1) text += ",";
    text += `${canonicalString(key)}:${canonicalJson(member)}`;
  }
  return `${text}}`;
}

function canonicalString(text: string): string {
  if (!text.isWellFormed()) throw new TypeError("lone surrogate in a string");
  return JSON.stringify(text);
}

function canonicalNumber(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`not a JSON number: ${value}`);
  return String(value === 0 ? 0 : value);
}

function isArray(value: JsonObject | readonly JsonValue[]): value is readonly JsonValue[] {
  return Array.isArray(value);
}
