import { PlanError } from "../plan-error.ts";
import { equal } from "../values/compare.ts";
import { copyObject, objectEntries, objectGet, RegoObject } from "../values/object.ts";
import { RegoSet } from "../values/set.ts";
import { isObject, type Value } from "../values/value.ts";

// What statements do that is more than a JS expression; shared by generated code and the interpreter.

type Maybe = Value | undefined;

export function appendTo(array: Maybe, value: Maybe): void {
  if (Array.isArray(array) && value !== undefined) array.push(value);
}

export function addTo(set: Maybe, value: Maybe): void {
  if (set instanceof RegoSet && value !== undefined) set.add(value);
}

/** The set that has no members, for those that may never get any. INVARIANT: nothing adds to it but {@link withMember}, which makes another. */
export const NO_MEMBERS: RegoSet = new RegoSet();

/** The set with a member more: the same one, unless it is {@link NO_MEMBERS}. */
export function withMember(set: Maybe, value: Maybe): Maybe {
  if (!(set instanceof RegoSet) || value === undefined) return set;
  const grown = set === NO_MEMBERS ? new RegoSet() : set;
  grown.add(value);
  return grown;
}

export function insertInto(object: Maybe, key: Maybe, value: Maybe): void {
  if (object instanceof RegoObject && key !== undefined && value !== undefined) object.set(key, value);
}

/** Inserts unless another value is there, which is a conflict. `where` is the statement's place in the policy. */
export function insertOnceInto(object: Maybe, entry: readonly [Maybe, Maybe], where: string): void {
  const [key, value] = entry;
  const present = object instanceof RegoObject && key !== undefined ? object.get(key) : undefined;
  if (present === undefined) insertInto(object, key, value);
  else if (!equal(present, value)) objectConflict(where);
}

export function objectConflict(where: string): never {
  throw new PlanError("evaluation.conflict", `object keys must be unique: ${where}`);
}

export function assignmentConflict(where: string): never {
  throw new PlanError("evaluation.conflict", `rules must not produce multiple outputs: ${where}`);
}

/** Both objects' entries, merged downwards; `a` wins wherever the two aren't both objects. */
export function merge(a: Maybe, b: Maybe): Maybe {
  if (a === undefined) return b;
  if (!isObject(a) || !isObject(b)) return a;
  const merged = new RegoObject();
  for (const [key, value] of objectEntries(a)) merged.set(key, merge(value, objectGet(b, key)) ?? value);
  for (const [key, value] of objectEntries(b)) if (merged.get(key) === undefined) merged.set(key, value);
  return merged;
}

/** The document with `value` at `path`; what lies on the way is copied, or made when it isn't an object. */
export function upsert(document: Maybe, path: readonly string[], value: Maybe): Maybe {
  const [key, ...rest] = path;
  if (key === undefined || value === undefined) return value;
  const copy = isObject(document) ? copyObject(document) : new RegoObject();
  copy.set(key, upsert(copy.get(key), rest, value) ?? value);
  return copy;
}

/** Adds to the result set, which holds equal results once. */
export function addResult(results: Value[], value: Maybe): void {
  if (value !== undefined && !results.some((present) => equal(present, value))) results.push(value);
}
