/** `mantissa` × 10^`exponent`, exactly; no trailing zeros in the mantissa, so that equal numbers look alike. */
export interface Decimal {
  readonly mantissa: bigint;
  readonly exponent: number;
}

/** Powers of ten past this are refused: they exceed OPA's limit of 10^5 binary digits. */
const NUMBER_EXPONENT_MAX = 30_102;

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** The exact value of a JSON number's text, or undefined when the text isn't one. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = "", exponentText = "0"] = match;
  if (whole === "" && fraction === "") return undefined;
  const digits = (whole + fraction).replace(/^0+(?=\d)/, "");
  const exponent = Number(exponentText) - fraction.length;
  if (Math.abs(exponent) > NUMBER_EXPONENT_MAX) return undefined;
  const stripped = withoutTrailingZeros(digits);
  if (stripped === "") return { mantissa: 0n, exponent: 0 };
  const mantissa = BigInt(stripped);
  return { mantissa: sign === "-" ? -mantissa : mantissa, exponent: exponent + digits.length - stripped.length };
}

/** A regular expression would take quadratic time where many zeros precede another digit. */
export function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits.charCodeAt(end - 1) === ZERO_UNIT) end -= 1;
  return digits.slice(0, end);
}

const ZERO_UNIT = 0x30;

export function compareDecimals(a: Decimal, b: Decimal): number {
  const signA = signOf(a.mantissa);
  const signB = signOf(b.mantissa);
  if (signA !== signB) return signA < signB ? -1 : 1;
  if (signA === 0) return 0;
  // Magnitudes first: aligning 1e100000 with 1 digit by digit would be a gift to an attacker.
  const sizeA = magnitude(a);
  const sizeB = magnitude(b);
  if (sizeA !== sizeB) return sizeA < sizeB === signA > 0 ? -1 : 1;
  const exponent = Math.min(a.exponent, b.exponent);
  const x = a.mantissa * 10n ** BigInt(a.exponent - exponent);
  const y = b.mantissa * 10n ** BigInt(b.exponent - exponent);
  return x < y ? -1 : x > y ? 1 : 0;
}

/** The integer this decimal is, or undefined when it has a fraction. */
export function decimalToInteger(decimal: Decimal): bigint | undefined {
  if (decimal.exponent < 0) return undefined;
  return decimal.mantissa * 10n ** BigInt(decimal.exponent);
}

function signOf(value: bigint): number {
  return value < 0n ? -1 : value > 0n ? 1 : 0;
}

/** The place of the first digit. */
function magnitude(decimal: Decimal): number {
  const digits = decimal.mantissa.toString().length - (decimal.mantissa < 0n ? 1 : 0);
  return digits + decimal.exponent;
}
