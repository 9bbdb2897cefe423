/**
 * Whether a JSON number keeps its decimal value as an IEEE double, printed as ECMAScript does: `1.0` and `0.1` do;
 * 2^53+1, `1e400` and 0.1 with thirty digits don't. A policy then sees the number that the receiver reads.
 *
 * @param token - a valid JSON number.
 */
export function isExactNumber(token: string): boolean {
  const value = Number(token);
  if (!Number.isFinite(value)) return false;
  const said = decimalOf(token);
  const kept = decimalOf(String(value));
  return said.digits === kept.digits && (said.digits === "" || said.exponent === kept.exponent);
}

interface Decimal {
  /** Significant digits without zeros at either end; empty for zero. */
  readonly digits: string;
  readonly exponent: number;
}

function decimalOf(token: string): Decimal {
  const unsigned = token.startsWith("-") ? token.slice(1) : token;
  const e = unsigned.search(/[eE]/);
  const mantissa = e === -1 ? unsigned : unsigned.slice(0, e);
  const dot = mantissa.indexOf(".");
  const all = dot === -1 ? mantissa : mantissa.slice(0, dot) + mantissa.slice(dot + 1);
  const fractionLength = dot === -1 ? 0 : mantissa.length - dot - 1;
  const digits = trimZeros(all);
  const exponent = (e === -1 ? 0 : Number(unsigned.slice(e + 1))) - fractionLength + trailingZeros(all);
  return { digits, exponent };
}

function trimZeros(digits: string): string {
  let start = 0;
  while (start < digits.length && digits[start] === "0") start++;
  return digits.slice(start, Math.max(start, digits.length - trailingZeros(digits)));
}

function trailingZeros(digits: string): number {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === "0") end--;
  return digits.length - end;
}
