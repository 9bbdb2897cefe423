/* oxlint-disable import/no-cycle -- values hold values: comparing, hashing and sorting them call each other */
import { spend } from "../run/meter.ts";
import { equal } from "./compare.ts";
import { numberKey, RegoNumber } from "./number.ts";
import { objectEntries } from "./object.ts";
import { RegoSet } from "./set.ts";
import { isObject, type Value } from "./value.ts";

/** A map from any Rego value; equal keys are one key and the first one's text is kept. */
export class KeyedMap<T> {
  /** Strings, doubles, booleans and null by themselves. */
  readonly #simple = new Map<Value, { readonly key: Value; value: T }>();
  /** Everything else by its hash. Made when needed. */
  #composite: Map<number, { readonly key: Value; value: T }[]> | undefined;
  #compositeCount = 0;

  get size(): number {
    return this.#simple.size + this.#compositeCount;
  }

  get(key: Value): T | undefined {
    return this.#find(key)?.value;
  }

  has(key: Value): boolean {
    return this.#find(key) !== undefined;
  }

  set(key: Value, value: T): void {
    const found = this.#find(key);
    if (found !== undefined) {
      found.value = value;
      return;
    }
    const simple = simpleKey(key);
    if (simple !== undefined) {
      this.#simple.set(simple, { key, value });
      return;
    }
    this.#composite ??= new Map();
    const hash = hashOf(key);
    const bucket = this.#composite.get(hash);
    if (bucket === undefined) this.#composite.set(hash, [{ key, value }]);
    else bucket.push({ key, value });
    this.#compositeCount += 1;
  }

  *entries(): Generator<readonly [Value, T]> {
    for (const { key, value } of this.#simple.values()) yield [key, value];
    if (this.#composite === undefined) return;
    for (const bucket of this.#composite.values()) for (const { key, value } of bucket) yield [key, value];
  }

  keys(): Value[] {
    const keys: Value[] = [];
    for (const { key } of this.#simple.values()) keys.push(key);
    if (this.#composite === undefined) return keys;
    for (const bucket of this.#composite.values()) for (const { key } of bucket) keys.push(key);
    return keys;
  }

  #find(key: Value): { readonly key: Value; value: T } | undefined {
    const simple = simpleKey(key);
    if (simple !== undefined) return this.#simple.get(simple);
    return this.#composite?.get(hashOf(key))?.find((entry) => equal(entry.key, key));
  }
}

/** The Map key of a value that has one; undefined for composites and for numbers no double holds. */
function simpleKey(value: Value): Value | undefined {
  if (typeof value !== "object" || value === null) return value;
  if (!(value instanceof RegoNumber)) return undefined;
  const key = numberKey(value);
  return typeof key === "number" ? key : undefined;
}

/** Equal values have equal hashes. */
export function hashOf(value: Value): number {
  switch (typeof value) {
    case "string":
      return hashString(value);
    case "number":
      return hashNumber(value);
    case "boolean":
      return value ? 3 : 5;
    default:
  }
  if (value === null) return 7;
  if (value instanceof RegoNumber) {
    const key = numberKey(value);
    return typeof key === "number" ? hashNumber(key) : hashString(key);
  }
  spend(1);
  if (Array.isArray(value)) return hashArray(value);
  let hash = value instanceof RegoSet ? 11 : 13;
  // Sums, because members come in no particular order.
  if (value instanceof RegoSet) for (const member of value.values()) hash = (hash + hashOf(member)) | 0;
  else if (isObject(value)) {
    for (const [key, member] of objectEntries(value)) hash = (hash + mix(hashOf(key), hashOf(member))) | 0;
  }
  return hash;
}

function hashArray(value: readonly Value[]): number {
  let hash = 17;
  for (const member of value) hash = mix(hash, hashOf(member));
  return hash;
}

function hashString(text: string): number {
  if (text.length > 64) spend(text.length >> 6);
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

function hashNumber(value: number): number {
  return Number.isSafeInteger(value) ? mix(value | 0, (value / 0x100000000) | 0) : hashString(String(value));
}

function mix(a: number, b: number): number {
  return (Math.imul(a, 31) + Math.imul(b ^ (b >>> 15), 0x85ebca6b)) | 0;
}
