// Go's big.Float as far as OPA's arithmetic needs it: round to nearest even, 64 bits of mantissa unless an operand has more.

/** `mantissa` × 2^`exponent`, negative when `negative`; zero keeps its sign. */
export interface BigFloat {
  readonly negative: boolean;
  readonly mantissa: bigint;
  readonly exponent: number;
  readonly precision: number;
}

const PRECISION_BITS = 64;
const POW5_EXACT_MAX = 27;

export function floatFromText(text: string): BigFloat {
  const negative = text.startsWith("-");
  const [digits = "0", exponentText = "0"] = text.replace(/^[+-]/, "").toLowerCase().split("e");
  const [whole = "", fraction = ""] = digits.split(".");
  const mantissa = BigInt(whole + fraction || "0");
  const power = Number(exponentText) - fraction.length;
  if (mantissa === 0n) return { negative, mantissa, exponent: 0, precision: PRECISION_BITS };
  // 10^n = 2^n × 5^n; Go keeps the power of five in 64 more bits than the result and rounds it when it is larger.
  const scaled = { negative, mantissa, exponent: power, precision: PRECISION_BITS };
  if (power === 0) return round(scaled, PRECISION_BITS);
  const five = pow5(Math.abs(power), PRECISION_BITS + 64);
  return power < 0 ? quotient(scaled, five, PRECISION_BITS) : product(scaled, five, PRECISION_BITS);
}

export function floatFromInteger(value: bigint): BigFloat {
  const mantissa = value < 0n ? -value : value;
  return { negative: value < 0n, mantissa, exponent: 0, precision: Math.max(PRECISION_BITS, bitLength(mantissa)) };
}

export function floatAdd(a: BigFloat, b: BigFloat): BigFloat {
  const precision = Math.max(a.precision, b.precision);
  const exponent = Math.min(a.exponent, b.exponent);
  const sum = aligned(a, exponent) + aligned(b, exponent);
  const negative = sum === 0n ? a.negative && b.negative : sum < 0n;
  return round({ negative, mantissa: sum < 0n ? -sum : sum, exponent, precision }, precision);
}

export function floatSubtract(a: BigFloat, b: BigFloat): BigFloat {
  return floatAdd(a, { ...b, negative: !b.negative });
}

export function floatMultiply(a: BigFloat, b: BigFloat): BigFloat {
  return product(a, b, Math.max(a.precision, b.precision));
}

/** The divisor must not be zero. */
export function floatDivide(a: BigFloat, b: BigFloat): BigFloat {
  return quotient(a, b, Math.max(a.precision, b.precision));
}

/** Towards zero. */
export function floatTruncate(a: BigFloat): bigint {
  const magnitude = a.exponent >= 0 ? a.mantissa << BigInt(a.exponent) : a.mantissa >> BigInt(-a.exponent);
  return a.negative ? -magnitude : magnitude;
}

export function isFloatInteger(a: BigFloat): boolean {
  return a.exponent >= 0 || (a.mantissa >> BigInt(-a.exponent)) << BigInt(-a.exponent) === a.mantissa;
}

export function floatCompare(a: BigFloat, b: BigFloat): number {
  const exponent = Math.min(a.exponent, b.exponent);
  const x = aligned(a, exponent);
  const y = aligned(b, exponent);
  return x < y ? -1 : x > y ? 1 : 0;
}

export function bitLength(value: bigint): number {
  const hex = value.toString(16);
  if (hex === "0") return 0;
  return (hex.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(hex.charAt(0), 16)));
}

function aligned(a: BigFloat, exponent: number): bigint {
  const magnitude = a.mantissa << BigInt(a.exponent - exponent);
  return a.negative ? -magnitude : magnitude;
}

function product(a: BigFloat, b: BigFloat, precision: number): BigFloat {
  return round(
    {
      negative: a.negative !== b.negative,
      mantissa: a.mantissa * b.mantissa,
      exponent: a.exponent + b.exponent,
      precision,
    },
    precision,
  );
}

function quotient(a: BigFloat, b: BigFloat, precision: number): BigFloat {
  const negative = a.negative !== b.negative;
  if (a.mantissa === 0n) return { negative, mantissa: 0n, exponent: 0, precision };
  // Two bits more than needed and a sticky bit round like the infinite quotient.
  const shift = Math.max(0, precision + 2 + bitLength(b.mantissa) - bitLength(a.mantissa));
  const dividend = a.mantissa << BigInt(shift);
  const whole = dividend / b.mantissa;
  const sticky = whole * b.mantissa === dividend ? 0n : 1n;
  return round(
    { negative, mantissa: (whole << 1n) | sticky, exponent: a.exponent - b.exponent - shift - 1, precision },
    precision,
  );
}

function round(a: BigFloat, precision: number): BigFloat {
  const extra = bitLength(a.mantissa) - precision;
  if (extra <= 0) return { ...a, precision };
  const unit = 1n << BigInt(extra);
  const half = unit >> 1n;
  const rest = a.mantissa & (unit - 1n);
  let mantissa = a.mantissa >> BigInt(extra);
  if (rest > half || (rest === half && (mantissa & 1n) === 1n)) mantissa += 1n;
  return { negative: a.negative, mantissa, exponent: a.exponent + extra, precision };
}

function pow5(power: number, precision: number): BigFloat {
  const start = Math.min(power, POW5_EXACT_MAX);
  let result: BigFloat = { negative: false, mantissa: 5n ** BigInt(start), exponent: 0, precision };
  let square: BigFloat = { negative: false, mantissa: 5n, exponent: 0, precision: precision + 64 };
  for (let rest = power - start; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = product(result, square, precision);
    square = product(square, square, precision + 64);
  }
  return result;
}
