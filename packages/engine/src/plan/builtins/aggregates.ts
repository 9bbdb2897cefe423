/* oxlint-disable max-params -- the context, and then what the policy passes */
import type { UncheckedBuiltin } from "../run/builtin.ts";
import { spend } from "../run/meter.ts";
import { fromFloat, toFloat } from "../values/arithmetic.ts";
import { floatAdd, floatFromInteger, floatMultiply, type BigFloat } from "../values/big-float.ts";
import { compare } from "../values/compare.ts";
import { lengthOf } from "../values/lookup.ts";
import { numberFromBigInt, numberText, numberToBigInt, type NumberValue } from "../values/number.ts";
import { RegoSet } from "../values/set.ts";
import { isNumber, type Value } from "../values/value.ts";
import { arrayOperand, collectionOperand, intOperand, wrongElement, wrongType } from "./operands.ts";

/** Aggregates over collections, and operations on arrays. */
export const AGGREGATE_BUILTINS: Readonly<Record<string, UncheckedBuiltin>> = {
  count: (_, value: Value) => lengthOf(value) ?? wrongType(1, value, "array", "object", "set", "string"),
  sum: (_, values: Value) => accumulate(values, 0n, { exact: (a, b) => a + b, float: floatAdd }),
  product: (_, values: Value) => {
    spendProduct(values);
    return accumulate(values, 1n, { exact: (a, b) => a * b, float: floatMultiply });
  },
  max: (_, values: Value) => extreme(members(values), (order) => order >= 0),
  min: (_, values: Value) => extreme(members(values), (order) => order <= 0),
  sort: (_, values: Value) => [...members(values)].sort(compare),
  all: (_, values: Value) => collectionOperand(values, 1).every((value) => value === true),
  any: (_, values: Value) => collectionOperand(values, 1).includes(true),
  "array.concat": (_, a: Value, b: Value) => arrayOperand(a, 1).concat(arrayOperand(b, 2)),
  "array.reverse": (_, a: Value) => arrayOperand(a, 1).toReversed(),
  "array.slice": (_, a: Value, from: Value, to: Value) => {
    const array = arrayOperand(a, 1);
    const stop = Math.min(Math.max(intOperand(to, 3), 0), array.length);
    const start = Math.min(Math.max(intOperand(from, 2), 0), stop);
    return array.slice(start, stop);
  },
  "array.flatten": (_, a: Value) => arrayOperand(a, 1).flatMap((member) => (Array.isArray(member) ? member : [member])),
};

function members(values: Value): readonly Value[] {
  if (Array.isArray(values)) return values;
  return values instanceof RegoSet ? values.sorted() : wrongType(1, values, "set", "array");
}

/** Pays for a product, whose digits grow with every factor. */
function spendProduct(values: Value): void {
  let digits = 0;
  for (const value of members(values)) if (isNumber(value)) digits += numberText(value).length;
  spend((digits * digits) / DIGIT_PRODUCTS_A_STEP);
}

const DIGIT_PRODUCTS_A_STEP = 4096;

interface Accumulation {
  readonly exact: (a: bigint, b: bigint) => bigint;
  readonly float: (a: BigFloat, b: BigFloat) => BigFloat;
}

function accumulate(values: Value, start: bigint, { exact, float }: Accumulation): NumberValue {
  const numbers = members(values).map((value) => (isNumber(value) ? value : wrongElement(1, values, value, "number")));
  const integers = numbers.map(numberToBigInt);
  if (!integers.includes(undefined)) {
    return numberFromBigInt(integers.reduce<bigint>((total, value) => exact(total, value ?? start), start));
  }
  return fromFloat(numbers.map(toFloat).reduce(float, floatFromInteger(start)));
}

function extreme(values: readonly Value[], replaces: (order: number) => boolean): Value | undefined {
  return values.reduce<Value | undefined>(
    (best, value) => (best === undefined || replaces(compare(value, best)) ? value : best),
    undefined,
  );
}
