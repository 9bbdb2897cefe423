import { fails } from "./operands.ts";

const UNIT_NS: ReadonlyMap<string, bigint> = new Map([
  ["ns", 1n],
  ["us", 1_000n],
  ["\u00b5s", 1_000n],
  ["\u03bcs", 1_000n],
  ["ms", 1_000_000n],
  ["s", 1_000_000_000n],
  ["m", 60_000_000_000n],
  ["h", 3_600_000_000_000n],
]);

/** OPA's additions, in hours. */
const LONG_UNIT_HOURS: ReadonlyMap<string, number> = new Map([
  ["d", 24],
  ["w", 7 * 24],
  ["y", 365 * 24],
]);

const INT64_LIMIT = 2n ** 63n;

/** Go's durations, and days, weeks and years of fixed length; nanoseconds. */
export function parseDuration(text: string): bigint {
  const sign = /^[+-]/.exec(text)?.[0] ?? "";
  const body = text.slice(sign.length);
  if (body === "0") return 0n;
  if (!/^(?:(?:\d+\.?\d*|\.\d+)[a-z\u00b5\u03bc]+)+$/.test(body)) return invalid(text);
  let total = 0n;
  for (const [, digits = "", unit = ""] of body.matchAll(/(\d+\.?\d*|\.\d+)([a-z\u00b5\u03bc]+)/g)) {
    total += segment(digits, unit, text);
  }
  if (total > INT64_LIMIT || (total === INT64_LIMIT && sign !== "-")) return invalid(text);
  return sign === "-" ? -total : total;
}

function segment(digits: string, unit: string, text: string): bigint {
  const hours = LONG_UNIT_HOURS.get(unit);
  if (hours !== undefined) return scale(plain(Number(digits) * hours), 3_600_000_000_000n);
  return scale(digits, UNIT_NS.get(unit) ?? invalid(text));
}

/** Truncates below a nanosecond, each segment by itself. */
function scale(digits: string, unitNs: bigint): bigint {
  const [whole = "", fraction = ""] = digits.split(".");
  const part = fraction === "" ? 0n : (BigInt(fraction) * unitNs) / 10n ** BigInt(fraction.length);
  return BigInt(whole || "0") * unitNs + part;
}

/** Without an exponent. */
function plain(value: number): string {
  return value >= 1e21 ? BigInt(value).toString() : value < 1e-6 ? value.toFixed(20) : String(value);
}

function invalid(text: string): never {
  return fails(`time: invalid duration ${JSON.stringify(text)}`);
}
