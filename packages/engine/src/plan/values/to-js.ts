import { spend } from "../run/meter.ts";
import { jsonKey } from "./json-text.ts";
import { RegoNumber } from "./number.ts";
import { definePlain, objectEntries } from "./object.ts";
import { RegoSet } from "./set.ts";
import { isObject, isPlainObject, type PlainObject, type Value } from "./value.ts";

/** JSON's values: what a result is made of outside. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A copy in JSON's types, as OPA would marshal it: sets become sorted arrays, other keys their JSON text, numbers doubles. */
export function toJs(value: Value): Json {
  if (value === null || typeof value !== "object") return value;
  if (value instanceof RegoNumber) return Number(value.text);
  spend(1);
  if (Array.isArray(value)) return value.map(toJs);
  if (value instanceof RegoSet) return value.sorted().map(toJs);
  if (isPlainObject(value)) return plainToJs(value);
  const copy: { [key: string]: Json } = {};
  if (isObject(value)) for (const [key, member] of objectEntries(value)) put(copy, jsonKey(key), toJs(member));
  return copy;
}

/** Spreading copies the shape at once, and `__proto__` as what it is; composites then take the place of what was copied. */
function plainToJs(value: PlainObject): Json {
  const copy: { [key: string]: Json } = { ...asJson(value) };
  for (const key of Object.keys(value)) {
    const member = value[key];
    if (typeof member === "object" && member !== null) put(copy, key, toJs(member));
  }
  return copy;
}

function asJson(value: PlainObject): { readonly [key: string]: Json } {
  return value as { readonly [key: string]: Json }; // oxlint-disable-line -- its composites are replaced by the caller
}

function put(target: { [key: string]: Json }, key: string, value: Json): void {
  // Assigning to this one name would set the prototype.
  if (key !== "__proto__") target[key] = value;
  else Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
}

/** The same value with JSON's types only, numbers exact: what `ast.JSON` makes of it. */
export function toJsonValue(value: Value): Value {
  if (value === null || typeof value !== "object" || value instanceof RegoNumber) return value;
  spend(1);
  if (Array.isArray(value)) return value.map(toJsonValue);
  if (value instanceof RegoSet) return value.sorted().map(toJsonValue);
  const copy: PlainObject = {};
  if (!isObject(value)) return copy;
  const entries = objectEntries(value);
  for (const [key, member] of entries) definePlain(copy, jsonKey(key), toJsonValue(member));
  return copy;
}
