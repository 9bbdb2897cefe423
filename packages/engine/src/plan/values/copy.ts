import { spend } from "../run/meter.ts";
import { RegoNumber } from "./number.ts";
import { definePlain, RegoObject } from "./object.ts";
import { RegoSet } from "./set.ts";
import type { PlainObject, Value } from "./value.ts";

/** A value that shares nothing changeable with another. */
export function copyValue(value: Value): Value {
  if (typeof value !== "object" || value === null || value instanceof RegoNumber) return value;
  spend(1);
  if (Array.isArray(value)) return value.map(copyValue);
  if (value instanceof RegoSet) return RegoSet.of(value.values().map(copyValue));
  if (value instanceof RegoObject) {
    return RegoObject.of([...value.entries()].map(([key, member]) => [copyValue(key), copyValue(member)]));
  }
  const copy: PlainObject = {};
  for (const [key, member] of Object.entries(value)) definePlain(copy, key, copyValue(member));
  return copy;
}
