/* oxlint-disable import/no-cycle -- values hold values: comparing, hashing and sorting them call each other */
import { RegoNumber } from "./number.ts";
import { RegoObject } from "./object.ts";
import { RegoSet } from "./set.ts";

/**
 * A Rego value.
 *
 * JSON's own values stand for themselves, so that a parsed document is used as it is. A JS number stands for the decimal that
 * `String()` prints; whatever that loses (`1.0`, `1e3`, integers past 2^53) is a {@link RegoNumber}. An object with string keys
 * may be a plain JS object, whatever its prototype; only its own properties count.
 */
export type Value = null | boolean | number | string | RegoNumber | RegoSet | RegoObject | Value[] | PlainObject;

/** An object with string keys. Only own enumerable properties are members, `__proto__` included. */
export interface PlainObject {
  readonly [key: string]: Value;
}

/** A member of Rego's type `object`, in either representation. */
export type ObjectValue = PlainObject | RegoObject;

/** The order of OPA's types in comparisons. */
export const KIND = { null: 0, boolean: 1, number: 2, string: 3, array: 4, object: 5, set: 6 } as const;
export type KindName = keyof typeof KIND;

export function kindOf(value: Value): KindName {
  switch (typeof value) {
    case "string":
      return "string";
    case "number":
      return "number";
    case "boolean":
      return "boolean";
    default:
  }
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (value instanceof RegoSet) return "set";
  if (value instanceof RegoNumber) return "number";
  return "object";
}

/** True for a plain JS object; false for what has a representation of its own. */
export function isPlainObject(value: Value | undefined): value is PlainObject {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof RegoObject) &&
    !(value instanceof RegoSet) &&
    !(value instanceof RegoNumber)
  );
}

export function isObject(value: Value | undefined): value is ObjectValue {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof RegoSet) &&
    !(value instanceof RegoNumber)
  );
}

export function isNumber(value: Value | undefined): value is number | RegoNumber {
  return typeof value === "number" || value instanceof RegoNumber;
}
