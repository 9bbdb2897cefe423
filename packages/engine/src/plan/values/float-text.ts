import { bitLength, isFloatInteger, type BigFloat } from "./big-float.ts";
import { withoutTrailingZeros } from "./decimal.ts";

/** As OPA prints a result: integers in full, fractions as Go's shortest `%g`. */
export function floatText(value: BigFloat): string {
  const sign = value.negative ? "-" : "";
  if (value.mantissa === 0n) return `${sign}0`;
  const { digits, point } = shortest(value);
  if (isFloatInteger(value)) return sign + fixed(digits, point);
  const exponent = point - 1;
  return sign + (exponent < -4 || exponent >= 6 ? scientific(digits, exponent) : fixed(digits, point));
}

/** As Go's `%v` prints it, integers too. */
export function floatGeneralText(value: BigFloat): string {
  if (value.mantissa === 0n) return "0";
  const { digits, point } = shortest(value);
  const exponent = point - 1;
  const text = exponent < -4 || exponent >= 6 ? scientific(digits, exponent) : fixed(digits, point);
  return value.negative ? `-${text}` : text;
}

/** `0.digits × 10^point`. */
interface Digits {
  readonly digits: string;
  readonly point: number;
}

function scientific(digits: string, exponent: number): string {
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
  const size = String(Math.abs(exponent)).padStart(2, "0");
  return `${digits.charAt(0)}${fraction}e${exponent < 0 ? "-" : "+"}${size}`;
}

function fixed(digits: string, point: number): string {
  if (point <= 0) return `0.${"0".repeat(-point)}${digits}`;
  if (digits.length <= point) return digits + "0".repeat(point - digits.length);
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** The fewest digits that read back as the same float; digit by digit as Go's `roundShortest` does it, quirks included. */
function shortest(value: BigFloat): Digits {
  const exact = decimalOf(value.mantissa, value.exponent);
  const size = bitLength(value.mantissa);
  const shift = size - (value.precision + 1);
  const mantissa = shift < 0 ? value.mantissa << BigInt(-shift) : value.mantissa >> BigInt(shift);
  const exponent = value.exponent + shift;
  const lower = decimalOf(mantissa - 1n, exponent).digits;
  const upper = decimalOf(mantissa + 1n, exponent).digits;
  const inclusive = (mantissa & 2n) === 0n;
  for (let i = 0; i < exact.digits.length; i += 1) {
    const digit = exact.digits.charCodeAt(i);
    const low = i < lower.length ? lower.charCodeAt(i) : 48;
    const high = i < upper.length ? upper.charCodeAt(i) : 48;
    const down = low !== digit || (inclusive && i + 1 === lower.length);
    const up = digit !== high && (inclusive || digit + 1 < high || i + 1 < upper.length);
    if (down && up) return roundDigits(exact, i + 1, roundsUp(exact.digits, i + 1));
    if (down || up) return roundDigits(exact, i + 1, up);
  }
  return exact;
}

function roundsUp(digits: string, length: number): boolean {
  if (length >= digits.length) return false;
  if (digits.charAt(length) === "5" && length + 1 === digits.length) {
    return length > 0 && (digits.charCodeAt(length - 1) - 48) % 2 === 1;
  }
  return digits.charAt(length) >= "5";
}

function roundDigits(value: Digits, length: number, up: boolean): Digits {
  if (length >= value.digits.length) return value;
  let digits = value.digits.slice(0, length);
  let point = value.point;
  if (up) {
    const raised = (BigInt(digits) + 1n).toString();
    if (raised.length > digits.length) point += 1;
    digits = raised;
  }
  return { digits: withoutTrailingZeros(digits) || "0", point };
}

function decimalOf(mantissa: bigint, exponent: number): Digits {
  const scaled = exponent >= 0 ? mantissa << BigInt(exponent) : mantissa * 5n ** BigInt(-exponent);
  const text = scaled.toString();
  const point = exponent >= 0 ? text.length : text.length + exponent;
  return { digits: withoutTrailingZeros(text) || "0", point };
}
