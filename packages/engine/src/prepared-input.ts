import { canonicalJson, type Input, type JsonValue } from "@cortexos/protocol";
import { messageOf } from "./errors.ts";
import { INPUT_BYTES_MAX, INPUT_DEPTH_MAX } from "./evaluator.ts";

/** An input that every tier reads alike, as a value and as text. */
export interface PreparedInput {
  /** JSON's own types, no member `undefined`, no half surrogate pair. Not changed. */
  readonly value: JsonValue;
  /** The value's canonical JSON, at most `INPUT_BYTES_MAX` bytes of it. */
  text(): string;
}

/**
 * Checks an input before any tier sees it, so that what is decided can't depend on how a tier would read an odd one.
 *
 * @param canonicalText - `canonicalJson(input)` when the caller has it.
 * @returns what is wrong with the input in words, when something is.
 */
export function prepareInput(input: Input, canonicalText?: string): PreparedInput | string {
  const value: unknown = input;
  const unitsMax = surveyUnits(value, 0);
  // Most inputs end here: plain, and small however they are written.
  if (unitsMax * UNIT_BYTES_MAX <= INPUT_BYTES_MAX)
    return { value: asJson(value), text: () => canonicalText ?? canonicalJson(asJson(value)) };
  if (isDeeper(value, 0)) return `the input nests deeper than ${INPUT_DEPTH_MAX}`;
  try {
    const text = canonicalText ?? canonicalJson(asJson(value));
    if (Buffer.byteLength(text) > INPUT_BYTES_MAX) return `the input is larger than ${INPUT_BYTES_MAX} bytes`;
    return { value: Number.isNaN(unitsMax) ? parse(text) : asJson(value), text: () => text };
  } catch (reason) {
    return messageOf(reason);
  }
}

/** The longest number, `-1.2345678901234567e-300`, and a comma. */
const VALUE_UNITS = 25;

/** A control character takes six bytes (`\u0000`), any other UTF-16 unit at most three. */
const UNIT_BYTES_MAX = 6;

/**
 * Characters of a value, and {@link VALUE_UNITS} for every value in it: never less than its JSON has. NaN when there is anything in it that
 * canonical JSON wouldn't give back as it was, or when it nests too deeply. On the way of every message.
 */
function surveyUnits(value: unknown, depth: number): number {
  switch (typeof value) {
    case "string":
      return value.isWellFormed() ? value.length + VALUE_UNITS : Number.NaN;
    case "number":
      return Number.isFinite(value) && (value !== 0 || 1 / value > 0) ? VALUE_UNITS : Number.NaN;
    case "boolean":
      return VALUE_UNITS;
    case "object":
      return value === null ? VALUE_UNITS : surveyMembers(value, depth + 1);
    case "undefined":
    case "bigint":
    case "symbol":
    case "function":
      return Number.NaN;
  }
}

function surveyMembers(value: object, depth: number): number {
  if (depth > INPUT_DEPTH_MAX) return Number.NaN;
  let units = VALUE_UNITS;
  if (Array.isArray(value)) {
    // By index: a hole counts as undefined.
    for (let i = 0; i < value.length; i++) units += surveyUnits(value[i], depth);
    return units;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return Number.NaN;
  const members = asMembers(value);
  for (const key in members) units += surveyUnits(key, depth) + surveyUnits(members[key], depth);
  return units;
}

/** Only asked about odd or large inputs. Ends in cycles too. */
function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth >= INPUT_DEPTH_MAX || Object.values(value).some((member) => isDeeper(member, depth + 1));
}

function asMembers(value: object): Readonly<Record<string, unknown>> {
  return value as Readonly<Record<string, unknown>>; // oxlint-disable-line typescript/consistent-type-assertions -- reading unknown members is safe
}

function parse(text: string): JsonValue {
  return JSON.parse(text);
}

/** To be checked, by the walk or by `canonicalJson`, which throws for everything that isn't JSON. */
function asJson(value: unknown): JsonValue {
  return value as JsonValue; // oxlint-disable-line typescript/consistent-type-assertions -- checked as said above
}
