/* oxlint-disable import/no-cycle -- values hold values: comparing, hashing and sorting them call each other */
import { spend } from "../run/meter.ts";
import { compare, compareStrings } from "./compare.ts";
import { KeyedMap } from "./keyed.ts";
import { isPlainObject, type ObjectValue, type PlainObject, type Value } from "./value.ts";

/** An object built by a plan: keys are any values. Grows only while the plan builds it. */
export class RegoObject {
  readonly #strings = new Map<string, Value>();
  #others: KeyedMap<Value> | undefined;
  #sorted: Value[] | undefined;

  static of(entries: Iterable<readonly [Value, Value]>): RegoObject {
    const object = new RegoObject();
    for (const [key, value] of entries) object.set(key, value);
    return object;
  }

  get size(): number {
    return this.#strings.size + (this.#others?.size ?? 0);
  }

  get(key: Value): Value | undefined {
    return typeof key === "string" ? this.#strings.get(key) : this.#others?.get(key);
  }

  set(key: Value, value: Value): void {
    this.#sorted = undefined;
    if (typeof key === "string") {
      this.#strings.set(key, value);
      return;
    }
    this.#others ??= new KeyedMap();
    this.#others.set(key, value);
  }

  /** Keys in any order, as a new array. */
  keys(): Value[] {
    const keys: Value[] = [...this.#strings.keys()];
    return this.#others === undefined ? keys : keys.concat(this.#others.keys());
  }

  /** Keys in OPA's order; not to be changed. */
  sortedKeys(): Value[] {
    if (this.#sorted !== undefined) return this.#sorted;
    spend(this.size);
    return (this.#sorted = this.keys().sort(compare));
  }

  *entries(): Generator<readonly [Value, Value]> {
    yield* this.#strings.entries();
    if (this.#others !== undefined) yield* this.#others.entries();
  }
}

/** Documents that outlive an evaluation, whose key order is worth keeping. */
const keptKeys = new WeakMap<object, string[]>();

/** Marks a document that never changes again, so that its sorted keys are computed once. */
export function keepSortedKeys(value: Value): void {
  if (Array.isArray(value)) value.forEach(keepSortedKeys);
  if (!isPlainObject(value)) return;
  keptKeys.set(value, Object.keys(value).sort(compareStrings));
  Object.values(value).forEach(keepSortedKeys);
}

/** The object's keys in OPA's order; not to be changed. */
export function sortedKeys(object: ObjectValue): readonly Value[] {
  if (object instanceof RegoObject) return object.sortedKeys();
  const kept = keptKeys.get(object);
  if (kept !== undefined) return kept;
  const keys = Object.keys(object);
  spend(keys.length >> 1);
  return isSorted(keys) ? keys : keys.sort(compareStrings);
}

/** Most objects are built in order, and looking costs less than sorting. */
function isSorted(keys: readonly string[]): boolean {
  for (let i = 1; i < keys.length; i += 1) if (compareStrings(keys[i - 1] ?? "", keys[i] ?? "") > 0) return false;
  return true;
}

export function objectGet(object: ObjectValue, key: Value): Value | undefined {
  if (object instanceof RegoObject) return object.get(key);
  if (typeof key === "string") return Object.hasOwn(object, key) ? object[key] : undefined;
  return undefined;
}

export function objectSize(object: ObjectValue): number {
  if (object instanceof RegoObject) return object.size;
  const { length } = Object.keys(object);
  spend(length >> 2);
  return length;
}

/** Entries in any order. */
export function objectEntries(object: ObjectValue): Iterable<readonly [Value, Value]> {
  if (object instanceof RegoObject) {
    spend(object.size);
    return object.entries();
  }
  const entries = Object.entries(object);
  spend(entries.length);
  return entries;
}

/** Entries in OPA's order. */
export function* sortedEntries(object: ObjectValue): Generator<readonly [Value, Value]> {
  for (const key of sortedKeys(object)) {
    const value = objectGet(object, key);
    if (value !== undefined) yield [key, value];
  }
}

/** Adds an own property whatever its name; `__proto__` too is data. */
export function definePlain(target: PlainObject, key: string, value: Value): void {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
}

/** A new object with the entries of `object`, to be changed by its maker. */
export function copyObject(object: ObjectValue): RegoObject {
  return RegoObject.of(objectEntries(object));
}
