import { jsonText } from "../../values/json-text.ts";
import { numberFromText, RegoNumber } from "../../values/number.ts";
import { objectEntries, RegoObject } from "../../values/object.ts";
import { isNumber, isObject, type Value } from "../../values/value.ts";
import { refuseSchema } from "./sub-schema.ts";

/** A value as JSON, its numbers as doubles: what JSON Schema compares values by. `1` and `1.0` are one. */
export function comparedText(value: Value): string {
  return jsonText(withDoubles(value));
}

function withDoubles(value: Value): Value {
  if (isNumber(value)) return value instanceof RegoNumber ? doubleOf(value) : value;
  if (Array.isArray(value)) return value.map(withDoubles);
  if (!isObject(value)) return value;
  return RegoObject.of([...objectEntries(value)].map(([key, member]) => [key, withDoubles(member)]));
}

function doubleOf({ text }: RegoNumber): Value {
  const double = Number(text);
  if (!Number.isFinite(double))
    return refuseSchema(`json: cannot unmarshal number ${text} into Go value of type float64`);
  return Object.is(double, -0) ? (numberFromText("-0") ?? 0) : double;
}
