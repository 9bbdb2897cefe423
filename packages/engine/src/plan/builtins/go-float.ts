/** How many digits, and whether `#` asks for a point. */
export interface FloatLayout {
  readonly precision: number | undefined;
  readonly isSharp: boolean;
}

/** A non-negative finite double by one of Go's verbs. */
export function formatFloat(value: number, verb: string, layout: FloatLayout): string {
  switch (verb) {
    case "e":
    case "E":
      return cased(verb, exponential(value, layout.precision ?? 6));
    case "f":
    case "F":
      return exactFixed(value, layout.precision ?? 6);
    case "x":
    case "X":
      return cased(verb, hexadecimal(value, layout.precision));
    case "b":
      return binary(value);
    default:
      return cased(verb, general(value, layout));
  }
}

function cased(verb: string, text: string): string {
  return verb === verb.toUpperCase() ? text.toUpperCase() : text;
}

/** `%g` and `%v`: the shorter of both notations. */
function general(value: number, { precision, isSharp }: FloatLayout): string {
  const digitsMax = precision === 0 ? 1 : precision;
  const scientific = digitsMax === undefined ? value.toExponential() : exactExponential(value, digitsMax - 1);
  const [mantissa = "0", exponentText = "0"] = scientific.split("e");
  const exponent = Number(exponentText);
  const digits = mantissa.replace(".", "");
  const kept = isSharp ? digits : digits.replace(/(?!^)0+$/, "");
  const fits = digitsMax !== undefined && digitsMax > kept.length && kept.length > exponent;
  const limit = fits ? kept.length : (digitsMax ?? SHORTEST_DIGITS);
  if (exponent < -4 || exponent >= limit) return goExponent(kept, exponent);
  return isSharp ? sharpFixed(kept, exponent, digitsMax ?? SHORTEST_DIGITS) : placePoint(kept, exponent);
}

/** Where Go switches notation when it prints as few digits as possible. */
const SHORTEST_DIGITS = 6;

function sharpFixed(digits: string, exponent: number, length: number): string {
  const padded = placePoint(digits.padEnd(length, "0"), exponent);
  return padded.includes(".") ? padded : `${padded}.`;
}

function placePoint(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return digits.padEnd(exponent + 1, "0");
  return `${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

function goExponent(digits: string, exponent: number): string {
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
  const size = String(Math.abs(exponent)).padStart(2, "0");
  return `${digits.charAt(0)}${fraction}e${exponent < 0 ? "-" : "+"}${size}`;
}

function exponential(value: number, precision: number): string {
  const [mantissa = "0", exponent = "0"] = exactExponential(value, precision).split("e");
  return goExponent(mantissa.replace(".", ""), Number(exponent));
}

const DIGITS_MAX = 100;

/** JS stops there; what is further out comes from the exact value. */
function exactExponential(value: number, precision: number): string {
  if (precision <= DIGITS_MAX) return value.toExponential(precision);
  const [mantissa = "0", exponent = "0"] = value.toExponential(DIGITS_MAX).split("e");
  return `${mantissa.padEnd(precision + 2, "0")}e${exponent}`;
}

/** Exact decimal expansion, rounded half to even; `toFixed` is exact only to 10^21 and 100 digits. */
function exactFixed(value: number, precision: number): string {
  const { mantissa, exponent } = parts(value);
  const scale = 10n ** BigInt(precision);
  const top = mantissa * scale * (exponent > 0 ? 2n ** BigInt(exponent) : 1n);
  const bottom = exponent < 0 ? 2n ** BigInt(-exponent) : 1n;
  let whole = top / bottom;
  const rest = (top % bottom) * 2n;
  if (rest > bottom || (rest === bottom && whole % 2n === 1n)) whole += 1n;
  const digits = whole.toString().padStart(precision + 1, "0");
  return precision === 0 ? digits : `${digits.slice(0, -precision)}.${digits.slice(-precision)}`;
}

/** `mantissa` × 2^`exponent`, exactly. */
function parts(value: number): { readonly mantissa: bigint; readonly exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: biased - 1075 };
}

function binary(value: number): string {
  const { mantissa, exponent } = parts(value);
  return `${mantissa}p${exponent < 0 ? "-" : "+"}${Math.abs(exponent)}`;
}

function hexadecimal(value: number, precision: number | undefined): string {
  if (value === 0) return `0x0${precision !== undefined && precision > 0 ? `.${"0".repeat(precision)}` : ""}p+00`;
  let { mantissa, exponent } = parts(value);
  while (mantissa >> 52n === 0n) [mantissa, exponent] = [mantissa << 1n, exponent - 1];
  exponent += 52;
  let digits = (mantissa & 0xfffffffffffffn).toString(16).padStart(13, "0");
  let lead = 1n;
  if (precision !== undefined && precision < 13) {
    const shift = BigInt(4 * (13 - precision));
    const half = 1n << (shift - 1n);
    const rest = mantissa & ((1n << shift) - 1n);
    let kept = mantissa >> shift;
    if (rest > half || (rest === half && kept % 2n === 1n)) kept += 1n;
    if (kept >> BigInt(4 * precision) > 1n) [kept, exponent] = [kept >> 1n, exponent + 1];
    lead = kept >> BigInt(4 * precision);
    digits = precision === 0 ? "" : (kept & ((1n << BigInt(4 * precision)) - 1n)).toString(16).padStart(precision, "0");
  } else if (precision === undefined) digits = digits.replace(/0+$/, "");
  else digits = digits.padEnd(precision, "0");
  const size = String(Math.abs(exponent)).padStart(2, "0");
  return `0x${lead}${digits === "" ? "" : `.${digits}`}p${exponent < 0 ? "-" : "+"}${size}`;
}
