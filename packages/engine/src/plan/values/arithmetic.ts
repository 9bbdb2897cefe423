import { spend } from "../run/meter.ts";
import {
  floatAdd,
  floatCompare,
  floatDivide,
  floatFromInteger,
  floatFromText,
  floatMultiply,
  floatSubtract,
  floatTruncate,
  type BigFloat,
} from "./big-float.ts";
import { floatText } from "./float-text.ts";
import { numberFromBigInt, numberFromText, numberText, numberToBigInt, type NumberValue } from "./number.ts";

/** Why an operation has no result; OPA's words. */
export class ArithmeticFailure extends Error {
  override readonly name = "ArithmeticFailure";
}

export function add(a: NumberValue, b: NumberValue): NumberValue {
  if (isSmall(a) && isSmall(b)) return a + b;
  return exactly(a, b, (x, y) => x + y) ?? byFloat(a, b, floatAdd);
}

export function subtract(a: NumberValue, b: NumberValue): NumberValue {
  if (isSmall(a) && isSmall(b)) return a - b;
  return exactly(a, b, (x, y) => x - y) ?? byFloat(a, b, floatSubtract);
}

export function multiply(a: NumberValue, b: NumberValue): NumberValue {
  if (isSmall(a) && isSmall(b) && Number.isSafeInteger(a * b)) return a * b + 0;
  spend((numberText(a).length * numberText(b).length) / DIGIT_PRODUCTS_A_STEP);
  return exactly(a, b, (x, y) => x * y) ?? byFloat(a, b, floatMultiply);
}

export function divide(a: NumberValue, b: NumberValue): NumberValue {
  if (isSmall(a) && isSmall(b)) {
    if (b === 0) throw new ArithmeticFailure("divide by zero");
    if (a !== 0 && a % b === 0) return a / b;
  }
  if (numberToBigInt(b) === 0n) throw new ArithmeticFailure("divide by zero");
  return byFloat(a, b, floatDivide);
}

export function remainder(a: NumberValue, b: NumberValue): NumberValue {
  const x = numberToBigInt(a);
  const y = numberToBigInt(b);
  if (x === undefined || y === undefined) throw new ArithmeticFailure("modulo on floating-point number");
  if (y === 0n) throw new ArithmeticFailure("modulo by zero");
  return numberFromBigInt(x % y);
}

export function absolute(a: NumberValue): NumberValue {
  return isSmall(a) ? Math.abs(a) : unary(a, (x) => ({ ...x, negative: false }));
}

const HALF: BigFloat = { negative: false, mantissa: 1n, exponent: -1, precision: 53 };
const ONE: BigFloat = { negative: false, mantissa: 1n, exponent: 0, precision: 53 };

export function round(a: NumberValue): NumberValue {
  if (isSmall(a)) return a;
  return unary(a, (x) => floatFromInteger(floatTruncate(x.negative ? floatSubtract(x, HALF) : floatAdd(x, HALF))));
}

// OPA's own result for fractions between -1 and 0 is 1: the truncated part has lost its sign.
export function ceiling(a: NumberValue): NumberValue {
  if (isSmall(a)) return a;
  return unary(a, (x) => {
    const whole = floatFromInteger(floatTruncate(x));
    return whole.negative || floatCompare(x, whole) === 0 ? whole : floatAdd(whole, ONE);
  });
}

export function floor(a: NumberValue): NumberValue {
  if (isSmall(a)) return a;
  return unary(a, (x) => {
    const whole = floatFromInteger(floatTruncate(x));
    return !whole.negative || floatCompare(x, whole) === 0 ? whole : floatSubtract(whole, ONE);
  });
}

/** The float OPA computes with. */
export function toFloat(a: NumberValue): BigFloat {
  return floatFromText(numberText(a));
}

/** A computed float as a number, with OPA's text for it. */
export function fromFloat(a: BigFloat): NumberValue {
  const text = floatText(a);
  return numberFromText(text) ?? 0;
}

/** Multiplying takes time in proportion to the product of the lengths. */
const DIGIT_PRODUCTS_A_STEP = 1024;

/** OPA's fast path: plain integers of 32 bits, for which doubles are exact in every operation. */
function isSmall(a: NumberValue): a is number {
  return typeof a === "number" && (a | 0) === a;
}

function exactly(a: NumberValue, b: NumberValue, operation: (x: bigint, y: bigint) => bigint): NumberValue | undefined {
  const x = numberToBigInt(a);
  const y = x === undefined ? undefined : numberToBigInt(b);
  if (x === undefined || y === undefined) return undefined;
  return numberFromBigInt(operation(x, y));
}

function byFloat(a: NumberValue, b: NumberValue, operation: (x: BigFloat, y: BigFloat) => BigFloat): NumberValue {
  return fromFloat(operation(toFloat(a), toFloat(b)));
}

function unary(a: NumberValue, operation: (x: BigFloat) => BigFloat): NumberValue {
  return fromFloat(operation(toFloat(a)));
}
