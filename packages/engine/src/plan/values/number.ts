import { spend } from "../run/meter.ts";
import { compareDecimals, decimalToInteger, parseDecimal, type Decimal } from "./decimal.ts";

/** A number whose text a JS number would lose. Made only by {@link numberFromText}, so never a number that a double keeps. */
export class RegoNumber {
  readonly text: string;
  readonly decimal: Decimal;

  constructor(text: string, decimal: Decimal) {
    this.text = text;
    this.decimal = decimal;
  }
}

export type NumberValue = number | RegoNumber;

/** The number a text stands for, keeping the text; undefined when it isn't a number or exceeds OPA's limits. */
export function numberFromText(text: string): NumberValue | undefined {
  const double = Number(text);
  if (String(double) === text && Number.isFinite(double)) return double;
  const decimal = parseDecimal(text);
  return decimal === undefined ? undefined : new RegoNumber(text, decimal);
}

/** An integer of any size as a number. */
export function numberFromBigInt(value: bigint): NumberValue {
  const double = Number(value);
  if (Number.isSafeInteger(double)) return double;
  return numberFromText(value.toString()) ?? double;
}

/** The number as OPA prints it. */
export function numberText(value: NumberValue): string {
  return typeof value === "number" ? String(value) : value.text;
}

function numberDecimal(value: NumberValue): Decimal {
  return typeof value === "number" ? (parseDecimal(String(value)) ?? ZERO) : value.decimal;
}

const ZERO: Decimal = { mantissa: 0n, exponent: 0 };

export function compareNumbers(a: NumberValue, b: NumberValue): number {
  // Printing doubles shortest keeps their order, so two doubles compare as they are.
  if (typeof a === "number" && typeof b === "number") return a < b ? -1 : a > b ? 1 : 0;
  spendDigits(a);
  spendDigits(b);
  return compareDecimals(numberDecimal(a), numberDecimal(b));
}

/** What two numbers share exactly when they are equal; usable as a Map key beside other numbers. */
export function numberKey(value: NumberValue): number | string {
  if (typeof value === "number") return value;
  const { mantissa, exponent } = value.decimal;
  const double = Number(`${mantissa}e${exponent}`);
  if (Number.isFinite(double)) {
    const printed = parseDecimal(String(double));
    if (printed !== undefined && printed.mantissa === mantissa && printed.exponent === exponent) return double;
  }
  return `${mantissa}e${exponent}`;
}

/** The exact integer, accepting `1.0` and `1e3`; undefined for a fraction. */
export function numberToBigInt(value: NumberValue): bigint | undefined {
  if (typeof value === "number") return Number.isInteger(value) ? integerOfDouble(value) : undefined;
  spendDigits(value);
  return decimalToInteger(value.decimal);
}

/** Pays for working with all digits of a number, of which there may be as many as its text has or its exponent says. */
export function spendDigits(value: NumberValue): void {
  if (typeof value === "number") return;
  const count = value.text.length + Math.abs(value.decimal.exponent);
  spend((count * count) / DIGIT_PAIRS_A_STEP);
}

/** Turning digits into binary and back takes time by their square. */
const DIGIT_PAIRS_A_STEP = 16_384;

/** The integer as OPA's `Int()` reads it: plain digits within 64 bits, no `1.0`. */
export function numberToInt64(value: NumberValue): bigint | undefined {
  const text = numberText(value);
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const integer = BigInt(text.startsWith("+") ? text.slice(1) : text);
  return integer >= -(2n ** 63n) && integer < 2n ** 63n ? integer : undefined;
}

/** {@link numberToInt64} within the safe range of doubles, which every count and index is. */
export function numberToSafeInt(value: NumberValue): number | undefined {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  const integer = numberToInt64(value);
  return integer === undefined ? undefined : Number(integer);
}

export function numberToDouble(value: NumberValue): number {
  return typeof value === "number" ? value : Number(value.text);
}

// Past 2^53 a double's decimal text and its binary value differ; the text is what the number means.
function integerOfDouble(value: number): bigint | undefined {
  if (Number.isSafeInteger(value)) return BigInt(value);
  return decimalToInteger(numberDecimal(value));
}
