/* oxlint-disable max-params -- the context, and then what the policy passes */
import type { UncheckedBuiltin } from "../run/builtin.ts";
import { spend } from "../run/meter.ts";
import { compare, equal } from "../values/compare.ts";
import { lookup } from "../values/lookup.ts";
import { numberFromText } from "../values/number.ts";
import { objectEntries } from "../values/object.ts";
import { RegoSet } from "../values/set.ts";
import { isObject, kindOf, type KindName, type Value } from "../values/value.ts";
import { arrayOperand, fails, wrongType } from "./operands.ts";

/** Comparisons, membership, types and casts. */
export const COMPARISON_BUILTINS: Readonly<Record<string, UncheckedBuiltin>> = {
  eq: (_, a: Value, b: Value) => equal(a, b),
  equal: (_, a: Value, b: Value) => equal(a, b),
  assign: (_, a: Value, b: Value) => equal(a, b),
  neq: (_, a: Value, b: Value) => !equal(a, b),
  lt: (_, a: Value, b: Value) => compare(a, b) < 0,
  lte: (_, a: Value, b: Value) => compare(a, b) <= 0,
  gt: (_, a: Value, b: Value) => compare(a, b) > 0,
  gte: (_, a: Value, b: Value) => compare(a, b) >= 0,
  "internal.member_2": (_, value: Value, collection: Value) => isMember(value, collection),
  "internal.member_3": (_, key: Value, value: Value, collection: Value) => {
    const present = lookup(collection, key);
    return present !== undefined && equal(present, value);
  },
  type_name: (_, value: Value) => kindOf(value),
  is_null: (_, value: Value) => value === null,
  is_boolean: isKind("boolean"),
  is_number: isKind("number"),
  is_string: isKind("string"),
  is_array: isKind("array"),
  is_object: isKind("object"),
  is_set: isKind("set"),
  to_number: (_, value: Value) => toNumber(value),
  cast_array: (_, value: Value) =>
    value instanceof RegoSet ? [...value.sorted()] : cast(value, "array", "array", "set"),
  cast_set: (_, value: Value) => (value instanceof RegoSet ? value : RegoSet.of(arrayOrSet(value))),
  cast_string: (_, value: Value) => cast(value, "string", "string"),
  cast_boolean: (_, value: Value) => cast(value, "boolean", "boolean"),
  cast_null: (_, value: Value) => cast(value, "null", "null"),
  cast_object: (_, value: Value) => cast(value, "object", "object"),
};

/** `value in collection`. */
export function isMember(value: Value, collection: Value): boolean {
  if (collection instanceof RegoSet) return collection.has(value);
  if (Array.isArray(collection)) {
    if (collection.length > 8) spend(collection.length >> 3);
    for (let i = 0; i < collection.length; i += 1) if (equal(collection[i], value)) return true;
    return false;
  }
  if (!isObject(collection)) return false;
  for (const [, member] of objectEntries(collection)) if (equal(member, value)) return true;
  return false;
}

function isKind(kind: KindName): UncheckedBuiltin {
  return (_, value: Value) => kindOf(value) === kind;
}

function cast(value: Value, kind: KindName, ...accepted: readonly string[]): Value {
  return kindOf(value) === kind ? value : wrongType(1, value, ...accepted);
}

function arrayOrSet(value: Value): readonly Value[] {
  return Array.isArray(value) ? arrayOperand(value, 1) : wrongType(1, value, "array", "set");
}

const GO_FLOAT = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

function toNumber(value: Value): Value {
  switch (kindOf(value)) {
    case "null":
      return 0;
    case "boolean":
      return value === true ? 1 : 0;
    case "number":
      return value;
    default:
  }
  if (typeof value !== "string") return wrongType(1, value, "null", "boolean", "number", "string");
  if (/^[+-]*(?:inf|infinity|nan)$/i.test(value)) return wrongType(1, value, "valid number string");
  const isFloat = GO_FLOAT.test(value) && Number.isFinite(Number(value));
  return (
    (isFloat ? numberFromText(value) : undefined) ?? fails(`strconv.ParseFloat: parsing "${value}": invalid syntax`)
  );
}
