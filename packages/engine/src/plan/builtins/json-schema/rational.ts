import { floatDivide, floatFromInteger } from "../../values/big-float.ts";
import { parseDecimal } from "../../values/decimal.ts";
import { floatGeneralText } from "../../values/float-text.ts";
import { numberText, type NumberValue } from "../../values/number.ts";

/** Whether a number is a whole multiple of another one that isn't zero, exactly. */
export function isMultiple(number: NumberValue, of: NumberValue): boolean {
  const [a, b] = [parseDecimal(numberText(number)), parseDecimal(numberText(of))];
  if (a === undefined || b === undefined) return false;
  const exponent = Math.min(a.exponent, b.exponent);
  const scaled = a.mantissa * 10n ** BigInt(a.exponent - exponent);
  return scaled % (b.mantissa * 10n ** BigInt(b.exponent - exponent)) === 0n;
}

/** A number as messages show it: the float nearest to the fraction that it is. */
export function limitText(limit: NumberValue): string {
  const { mantissa, exponent } = parseDecimal(numberText(limit)) ?? { mantissa: 0n, exponent: 0 };
  const above = exponent > 0 ? mantissa * 10n ** BigInt(exponent) : mantissa;
  const below = exponent < 0 ? 10n ** BigInt(-exponent) : 1n;
  const divisor = greatestCommonDivisor(above < 0n ? -above : above, below);
  return floatGeneralText(floatDivide(floatFromInteger(above / divisor), floatFromInteger(below / divisor)));
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}
