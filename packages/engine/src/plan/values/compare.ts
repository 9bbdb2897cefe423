/* oxlint-disable import/no-cycle, max-params -- values hold values: comparing, hashing and sorting them call each other */
import { spend } from "../run/meter.ts";
import { compareNumbers, RegoNumber } from "./number.ts";
import { objectGet, objectSize, RegoObject, sortedKeys } from "./object.ts";
import { RegoSet } from "./set.ts";
import {
  isNumber,
  isObject,
  isPlainObject,
  KIND,
  kindOf,
  type ObjectValue,
  type PlainObject,
  type Value,
} from "./value.ts";

/** OPA's total order: by type, then by value. Negative, zero or positive. */
export function compare(a: Value, b: Value): number {
  if (a === b) return 0;
  if (typeof a === "string" && typeof b === "string") return compareStrings(a, b);
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b);
  const kindA = KIND[kindOf(a)];
  const kindB = KIND[kindOf(b)];
  if (kindA !== kindB) return kindA - kindB;
  if (typeof a === "boolean") return a ? 1 : -1;
  spend(1);
  if (Array.isArray(a) && Array.isArray(b)) return compareArrays(a, b);
  if (a instanceof RegoSet && b instanceof RegoSet) return compareArrays(a.sorted(), b.sorted());
  if (isObject(a) && isObject(b)) return compareObjects(a, b);
  return 0;
}

/** By Unicode code point, which is the order of UTF-8 bytes and not that of JS. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points past U+FFFF, so they come after U+E000 to U+FFFF. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

function compareArrays(a: readonly Value[], b: readonly Value[]): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const x = a[i];
    const y = b[i];
    const order = x === undefined || y === undefined ? 0 : compare(x, y);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareObjects(a: ObjectValue, b: ObjectValue): number {
  const keysA = sortedKeys(a);
  const keysB = sortedKeys(b);
  const length = Math.min(keysA.length, keysB.length);
  for (let i = 0; i < length; i += 1) {
    const order = compareMembers(a, keysA[i], b, keysB[i]);
    if (order !== 0) return order;
  }
  return keysA.length - keysB.length;
}

function compareMembers(a: ObjectValue, keyA: Value | undefined, b: ObjectValue, keyB: Value | undefined): number {
  if (keyA === undefined || keyB === undefined) return 0;
  const order = compare(keyA, keyB);
  if (order !== 0) return order;
  const x = objectGet(a, keyA);
  const y = objectGet(b, keyB);
  return x === undefined || y === undefined ? 0 : compare(x, y);
}

/** Equality without ordering; undefined equals only itself. */
export function equal(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return equalNumbers(a, b);
  spend(1);
  if (Array.isArray(a)) return Array.isArray(b) && equalArrays(a, b);
  if (isRecord(a) && isRecord(b)) return equalPlain(a, b);
  if (a instanceof RegoSet) return b instanceof RegoSet && a.size === b.size && a.every((value) => b.has(value));
  if (a instanceof RegoNumber || b instanceof RegoNumber) return equalNumbers(a, b);
  return isObject(b) && isObject(a) && equalObjects(a, b);
}

/** A plain object as JSON and the plan make them, told by one look. */
function isRecord(value: object): value is PlainObject {
  return Object.getPrototypeOf(value) === Object.prototype;
}

function equalNumbers(a: Value | undefined, b: Value | undefined): boolean {
  return isNumber(a) && isNumber(b) && compareNumbers(a, b) === 0;
}

function equalArrays(a: readonly Value[], b: readonly Value[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i] && !equal(a[i], b[i])) return false;
  return true;
}

function equalObjects(a: ObjectValue, b: ObjectValue): boolean {
  if (isPlainObject(a) && isPlainObject(b)) return equalPlain(a, b);
  if (objectSize(a) !== objectSize(b)) return false;
  const keys = a instanceof RegoObject ? a.keys() : Object.keys(a);
  for (const key of keys) {
    const other = objectGet(b, key);
    if (other === undefined || !equal(objectGet(a, key), other)) return false;
  }
  return true;
}

/** Values first: objects that differ mostly do so in the first one. */
function equalPlain(a: PlainObject, b: PlainObject): boolean {
  const keys = Object.keys(a);
  for (let i = 0; i < keys.length; i += 1) {
    const key = keys[i] ?? "";
    const [x, y] = [a[key], b[key]];
    if ((x !== y && !equal(x, y)) || !Object.hasOwn(b, key)) return false;
  }
  return keys.length === Object.keys(b).length;
}
