import { spend } from "../run/meter.ts";
import { numberToSafeInt } from "./number.ts";
import { objectGet, objectSize, RegoObject, sortedKeys } from "./object.ts";
import { RegoSet } from "./set.ts";
import { isNumber, isObject, isPlainObject, type Value } from "./value.ts";

/** `source[key]` of Rego: an element, a member's value, or the member of a set; undefined for everything else. */
export function lookup(source: Value | undefined, key: Value | undefined): Value | undefined {
  if (typeof source !== "object" || source === null || key === undefined) return undefined;
  if (Array.isArray(source)) return element(source, key);
  if (source instanceof RegoSet) return source.has(key) ? key : undefined;
  return isObject(source) ? objectGet(source, key) : undefined;
}

function element(source: readonly Value[], key: Value): Value | undefined {
  if (!isNumber(key)) return undefined;
  const index = numberToSafeInt(key);
  return index === undefined || index < 0 ? undefined : source[index];
}

/** A step of a reference that begins with `data`: OPA stores by paths of texts, where `data.list[2]` also finds a member `"2"`. */
export function lookupData(source: Value | undefined, key: Value | undefined): Value | undefined {
  const found = lookup(source, key);
  if (found !== undefined || typeof key !== "number" || !isPlainObject(source)) return found;
  return lookup(source, String(key));
}

const NOTHING: readonly Value[] = [];

/** What a scan walks through: an array's elements, a set's members or an object's keys, in OPA's order. */
export function scanOf(source: Value | undefined): readonly Value[] {
  if (typeof source !== "object" || source === null) return NOTHING;
  if (Array.isArray(source)) return source;
  if (source instanceof RegoSet) return source.sorted();
  return isObject(source) ? sortedKeys(source) : NOTHING;
}

/** The value a scan binds beside a key that {@link scanOf} gave. */
export function scannedValue(source: Value | undefined, key: Value): Value | undefined {
  if (source instanceof RegoObject) return source.get(key);
  return source instanceof RegoSet ? key : lookup(source, key);
}

/** `count`-like length of a composite or a string in code points; undefined for other values. */
export function lengthOf(source: Value | undefined): number | undefined {
  if (typeof source === "string") return codePointCount(source);
  if (typeof source !== "object" || source === null) return undefined;
  if (Array.isArray(source)) return source.length;
  if (source instanceof RegoSet || source instanceof RegoObject) return source.size;
  return isObject(source) ? objectSize(source) : undefined;
}

export function codePointCount(text: string): number {
  if (text.length > 64) spend(text.length >> 6);
  let count = text.length;
  for (let i = 0; i + 1 < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0xd800 || unit > 0xdbff) continue;
    count -= 1;
    i += 1;
  }
  return count;
}
