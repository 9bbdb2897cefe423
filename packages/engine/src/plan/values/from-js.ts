import type { ReaderTree } from "../reads/reader-tree.ts";
import { numberFromBigInt, RegoNumber } from "./number.ts";
import { definePlain, RegoObject } from "./object.ts";
import { RegoSet } from "./set.ts";
import type { PlainObject, Value } from "./value.ts";

/** Something has no counterpart in Rego: a function, a class instance, NaN, a cycle. */
export class NotAValue extends Error {
  override readonly name = "NotAValue";
}

const DEPTH_MAX = 10_000;

/**
 * The Rego value of a JS value: JSON's types, `bigint`, `Map` (object with any keys) and `Set`. Members that are `undefined` are
 * left out, unpaired surrogates become U+FFFD, -0 becomes 0. What needs no change is returned as it is and not copied.
 *
 * @throws {@link NotAValue}
 */
export function fromJs(value: unknown): Value {
  try {
    return isValue(value, 0) ? value : convert(value, 0);
  } catch (reason) {
    if (!(reason instanceof RangeError)) throw reason;
    throw new NotAValue("nested too deep or in a cycle", { cause: reason });
  }
}

/**
 * {@link fromJs} for a reader who looks at some parts only: when those need no change, the value is returned as it is, whatever
 * the rest holds.
 *
 * @throws {@link NotAValue}
 */
export function fromJsRead(value: unknown, reads: ReaderTree): Value {
  try {
    return arePartsValues(value, reads) ? value : fromJs(value);
  } catch (reason) {
    if (!(reason instanceof RangeError)) throw reason;
    throw new NotAValue("nested too deep or in a cycle", { cause: reason });
  }
}

function arePartsValues(value: unknown, { isLeaf, children }: ReaderTree): value is Value {
  if (isLeaf) return isValue(value, 0);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return isValue(value, 0);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  const source = asRecord(value);
  for (const [key, child] of children) {
    const member = source[key];
    if (member !== undefined && !arePartsValues(member, child)) return false;
  }
  return true;
}

/** Whether a value is one of Rego as it stands, which parsed JSON nearly always is. */
function isValue(value: unknown, depth: number): value is Value {
  switch (typeof value) {
    case "string":
      return value.isWellFormed();
    case "number":
      return Number.isFinite(value);
    case "boolean":
      return true;
    case "object":
      return (
        value === null ||
        (depth < DEPTH_MAX && (Array.isArray(value) ? areValues(value, depth) : isPlain(value, depth)))
      );
    default:
      return false;
  }
}

function areValues(values: readonly unknown[], depth: number): boolean {
  for (let i = 0; i < values.length; i += 1) if (!isValue(values[i], depth + 1)) return false;
  return true;
}

function isPlain(value: object, depth: number): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  const source = asRecord(value);
  // An inherited key means a polluted prototype: its value is then looked at too, and no more.
  for (const key in source) if (!key.isWellFormed() || !isValue(source[key], depth + 1)) return false;
  return true;
}

function convert(value: unknown, depth: number): Value {
  switch (typeof value) {
    case "string":
      return value.isWellFormed() ? value : value.toWellFormed();
    case "number":
      if (!Number.isFinite(value)) throw new NotAValue(`number is not finite: ${value}`);
      return value === 0 ? 0 : value;
    case "boolean":
      return value;
    case "bigint":
      return numberFromBigInt(value);
    case "object":
      return value === null ? null : convertObject(value, depth + 1);
    default:
      throw new NotAValue(`not a value: ${typeof value}`);
  }
}

function convertObject(value: object, depth: number): Value {
  if (depth > DEPTH_MAX) throw new NotAValue("nested too deep or in a cycle");
  if (Array.isArray(value)) return convertArray(value, depth);
  if (value instanceof RegoNumber || value instanceof RegoSet || value instanceof RegoObject) return value;
  if (value instanceof Set) return RegoSet.of([...value].map((member) => convert(member, depth)));
  if (value instanceof Map) {
    return RegoObject.of([...value].map(([key, member]) => [convert(key, depth), convert(member, depth)]));
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new NotAValue("not a plain object");
  return convertPlain(value, depth);
}

function convertArray(value: readonly unknown[], depth: number): Value[] {
  let copy: Value[] | undefined;
  for (let i = 0; i < value.length; i += 1) {
    const member = value[i];
    const converted = member === undefined ? null : convert(member, depth);
    if (copy === undefined && converted !== member) copy = asValues(value.slice(0, i));
    copy?.push(converted);
  }
  return copy ?? asValues(value);
}

function convertPlain(value: object, depth: number): PlainObject {
  const source = asRecord(value);
  const keys = Object.keys(source);
  let copy: PlainObject | undefined;
  for (const [index, key] of keys.entries()) {
    const member = source[key];
    const converted = member === undefined ? undefined : convert(member, depth);
    if (copy === undefined && (converted === undefined || converted !== member || !key.isWellFormed())) {
      copy = copyOf(source, keys.slice(0, index));
    }
    if (copy !== undefined && converted !== undefined) definePlain(copy, key.toWellFormed(), converted);
  }
  return copy ?? asPlain(value);
}

function copyOf(source: { readonly [key: string]: unknown }, keys: readonly string[]): PlainObject {
  const copy: PlainObject = {};
  const values = asPlain(source);
  for (const key of keys) {
    const value = values[key];
    if (value !== undefined) definePlain(copy, key, value);
  }
  return copy;
}

// The walk has just shown that every member is a value; the type can't follow that.
function asPlain(value: object): PlainObject {
  return value as PlainObject; // oxlint-disable-line -- shown by the walk
}

function asValues(value: readonly unknown[]): Value[] {
  return value as Value[]; // oxlint-disable-line -- shown by the walk
}

function asRecord(value: object): { readonly [key: string]: unknown } {
  return value as { readonly [key: string]: unknown }; // oxlint-disable-line -- reading unknown members is safe
}
