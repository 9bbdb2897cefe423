/* oxlint-disable max-params -- the context, and then what the policy passes */
import type { BuiltinContext, UncheckedBuiltin } from "../run/builtin.ts";
import { spend } from "../run/meter.ts";
import { equal } from "../values/compare.ts";
import { lookup } from "../values/lookup.ts";
import { copyObject, objectEntries, objectGet, objectSize, RegoObject } from "../values/object.ts";
import { RegoSet } from "../values/set.ts";
import { isObject, type ObjectValue, type Value } from "../values/value.ts";
import { arrayOperand, objectOperand, wrongElement, wrongOperand, wrongType } from "./operands.ts";

/** Operations on objects. */
export const OBJECT_BUILTINS: Readonly<Record<string, UncheckedBuiltin>> = {
  "object.get": (_, object: Value, key: Value, fallback: Value) => {
    const start: Value = objectOperand(object, 1);
    const found = Array.isArray(key) ? key.reduce<Value | undefined>(lookup, start) : lookup(start, key);
    return found === undefined ? fallback : found;
  },
  "object.keys": (_, object: Value) => RegoSet.of([...objectEntries(objectOperand(object, 1))].map(([key]) => key)),
  "object.remove": (_, object: Value, keys: Value) => {
    const removed = keySet(keys, 2);
    return RegoObject.of([...objectEntries(objectOperand(object, 1))].filter(([key]) => !removed.has(key)));
  },
  "object.filter": (_, object: Value, keys: Value) => {
    const kept = keySet(keys, 2);
    return RegoObject.of([...objectEntries(objectOperand(object, 1))].filter(([key]) => kept.has(key)));
  },
  "object.union": (_, a: Value, b: Value) => union(objectOperand(a, 1), objectOperand(b, 2)),
  "object.union_n": (_, objects: Value) =>
    arrayOperand(objects, 1)
      .map((member) => (isObject(member) ? member : wrongElement(1, objects, member, "object")))
      .reduce<ObjectValue>(union, new RegoObject()),
  "object.subset": objectSubset,
};

function keySet(keys: Value, position: number): RegoSet {
  if (keys instanceof RegoSet) return keys;
  if (Array.isArray(keys)) return RegoSet.of(keys);
  if (isObject(keys)) return RegoSet.of([...objectEntries(keys)].map(([key]) => key));
  return wrongType(position, keys, "object", "set", "array");
}

/** The entries of both, merged where both hold objects; `b` wins elsewhere. */
function union(a: ObjectValue, b: ObjectValue): RegoObject {
  const merged = copyObject(a);
  for (const [key, value] of objectEntries(b)) {
    const present = merged.get(key);
    merged.set(key, isObject(present) && isObject(value) ? union(present, value) : value);
  }
  return merged;
}

function objectSubset(_: BuiltinContext, ...args: readonly Value[]): Value {
  const [whole = null, part = null] = args;
  const answer = Array.isArray(whole) && part instanceof RegoSet ? coversSet(whole, part) : covers(whole, part);
  return answer ?? wrongOperand(1, "and operand 2 must be of the same type or array and set");
}

/** Whether `part` is within `whole`; undefined when their types don't allow the question. */
function covers(whole: Value, part: Value): boolean | undefined {
  if (isObject(whole) && isObject(part)) return coversObject(whole, part);
  if (whole instanceof RegoSet && part instanceof RegoSet) return part.every((member) => whole.has(member));
  if (Array.isArray(whole) && Array.isArray(part)) return coversArray(whole, part);
  return undefined;
}

function coversObject(whole: ObjectValue, part: ObjectValue): boolean {
  if (objectSize(part) > objectSize(whole)) return false;
  for (const [key, value] of objectEntries(part)) {
    const other = objectGet(whole, key);
    if (other === undefined) return false;
    if (!equal(other, value) && covers(other, value) !== true) return false;
  }
  return true;
}

/** Whether `part` occurs as a run of `whole`. */
function coversArray(whole: readonly Value[], part: readonly Value[]): boolean {
  if (part.length > whole.length) return false;
  let start = 0;
  let matched = 0;
  while (matched < part.length) {
    spend(1);
    if (start + matched >= whole.length) return false;
    if (equal(whole[start + matched], part[matched])) matched += 1;
    else {
      start += 1;
      matched = 0;
    }
  }
  return true;
}

/** Counts like OPA, which counts an element that occurs twice twice. */
function coversSet(whole: readonly Value[], part: RegoSet): boolean {
  let missing = part.size;
  for (const member of whole) {
    if (part.has(member)) missing -= 1;
    if (missing === 0) return true;
  }
  return false;
}
