/* oxlint-disable max-params -- the context, and then what the policy passes */
import type { BuiltinContext, UncheckedBuiltin } from "../run/builtin.ts";
import { spend } from "../run/meter.ts";
import * as arithmetic from "../values/arithmetic.ts";
import { floatTruncate } from "../values/big-float.ts";
import { numberFromBigInt, numberText, type NumberValue } from "../values/number.ts";
import { RegoSet } from "../values/set.ts";
import { isNumber, type Value } from "../values/value.ts";
import { bigIntOperand, fails, numberOperand, wrongOperand, wrongType } from "./operands.ts";
import { setDifference } from "./sets.ts";

/** Arithmetic, rounding, bits, ranges. */
export const NUMBER_BUILTINS: Readonly<Record<string, UncheckedBuiltin>> = {
  plus: binary(arithmetic.add),
  minus,
  mul: binary(arithmetic.multiply),
  div: binary(arithmetic.divide),
  rem: binary(arithmetic.remainder),
  abs: unary(arithmetic.absolute),
  round: unary(arithmetic.round),
  ceil: unary(arithmetic.ceiling),
  floor: unary(arithmetic.floor),
  "bits.and": bits((a, b) => a & b),
  "bits.or": bits((a, b) => a | b),
  "bits.xor": bits((a, b) => a ^ b),
  "bits.negate": (_, a: Value) => numberFromBigInt(~bigIntOperand(a, 1)),
  "bits.lsh": shift((a, b) => {
    spend(Number(b) >> 3);
    return a << b;
  }),
  "bits.rsh": shift((a, b) => a >> b),
  "numbers.range": (context, from: Value, to: Value) =>
    range(context, [bigIntOperand(from, 1), bigIntOperand(to, 2), 1n]),
  "numbers.range_step": (context, from: Value, to: Value, by: Value) => {
    const bounds = [bigIntOperand(from, 1), bigIntOperand(to, 2), bigIntOperand(by, 3)] as const;
    if (bounds[2] <= 0n) fails("numbers.range_step: step must be a positive integer");
    return range(context, bounds);
  },
  format_int: (_, a: Value, base: Value) => formatInt(numberOperand(a, 1), numberOperand(base, 2)),
};

/** Results past this many bits are refused: one shift must not fill the memory. */
const SHIFT_BITS_MAX = 1_000_000n;

function minus(_: BuiltinContext, ...args: readonly Value[]): Value {
  const [a = null, b = null] = args;
  if (isNumber(a) && isNumber(b)) return caught(() => arithmetic.subtract(a, b));
  if (a instanceof RegoSet && b instanceof RegoSet) return setDifference(a, b);
  if (!isNumber(a) && !(a instanceof RegoSet)) return wrongType(1, a, "number", "set");
  return wrongType(2, b, isNumber(b) ? "set" : "number");
}

function binary(operation: (a: NumberValue, b: NumberValue) => NumberValue): UncheckedBuiltin {
  return (_, a: Value, b: Value) => {
    const [x, y] = [numberOperand(a, 1), numberOperand(b, 2)];
    return caught(() => operation(x, y));
  };
}

function unary(operation: (a: NumberValue) => NumberValue): UncheckedBuiltin {
  return (_, a: Value) => operation(numberOperand(a, 1));
}

function caught(operation: () => Value): Value {
  try {
    return operation();
  } catch (reason) {
    if (reason instanceof arithmetic.ArithmeticFailure) fails(reason.message);
    throw reason;
  }
}

function bits(operation: (a: bigint, b: bigint) => bigint): UncheckedBuiltin {
  return (_, a: Value, b: Value) => numberFromBigInt(operation(bigIntOperand(a, 1), bigIntOperand(b, 2)));
}

function shift(operation: (a: bigint, b: bigint) => bigint): UncheckedBuiltin {
  return (_, a: Value, b: Value) => {
    const [x, y] = [bigIntOperand(a, 1), bigIntOperand(b, 2)];
    if (y < 0n) wrongOperand(2, "must be an unsigned integer number but got a negative integer");
    if (y > SHIFT_BITS_MAX) fails(`shift of more than ${SHIFT_BITS_MAX} bits`);
    return numberFromBigInt(operation(x, y));
  };
}

function range(context: BuiltinContext, [from, to, step]: readonly [bigint, bigint, bigint]): Value {
  const size = (to > from ? to - from : from - to) / step + 1n;
  context.charge(Number(size));
  const change = from <= to ? step : -step;
  return Array.from({ length: Number(size) }, (_, index) => numberFromBigInt(from + BigInt(index) * change));
}

function formatInt(value: NumberValue, base: NumberValue): string {
  const radix = Number(numberText(base));
  if (typeof base !== "number" || ![2, 8, 10, 16].includes(radix)) wrongOperand(2, "must be one of {2, 8, 10, 16}");
  const text = numberText(value);
  const integer = /^[+-]?\d+$/.test(text) ? BigInt(text) : floatTruncate(arithmetic.toFloat(value));
  return integer.toString(radix);
}
