import type { UncheckedBuiltin } from "../run/builtin.ts";
import { toFloat } from "../values/arithmetic.ts";
import { floatFromInteger, floatMultiply, floatTruncate } from "../values/big-float.ts";
import { parseDecimal } from "../values/decimal.ts";
import { numberFromBigInt, numberFromText, RegoNumber } from "../values/number.ts";
import type { Value } from "../values/value.ts";
import { toLower } from "./letters.ts";
import { fails, stringOperand } from "./operands.ts";

/** Amounts with units. */
export const UNIT_BUILTINS: Readonly<Record<string, UncheckedBuiltin>> = {
  "units.parse": (_, text: Value) => parseUnits(stringOperand(text, 1)),
  "units.parse_bytes": (_, text: Value) => parseBytes(stringOperand(text, 1)),
};

const LETTERS = "kmgtpe";

/** 1000^n for `k`, 1024^n for `ki`; undefined for anything else. */
function factorOf(unit: string): bigint | undefined {
  if (unit === "") return 1n;
  const power = LETTERS.indexOf(unit.charAt(0)) + 1;
  if (power === 0 || !/^.i?$/.test(unit)) return undefined;
  return unit.endsWith("i") ? 1024n ** BigInt(power) : 1000n ** BigInt(power);
}

function parseBytes(text: string): Value {
  const lower = toLower(text).replaceAll('"', "");
  const { amount, unit } = splitUnit(lower, "units.parse_bytes");
  if (amount === "") return fails("units.parse_bytes: no byte amount provided");
  const factor = factorOf(unit.replace(/b$/, "")) ?? fails(`units.parse_bytes: byte unit ${unit} not recognized`);
  if (unit === "b") return fails("units.parse_bytes: byte unit b not recognized");
  if (!isDecimal(amount)) return fails("units.parse_bytes: could not parse byte amount to a number");
  const number = numberFromText(normal(amount)) ?? fails("units.parse_bytes: exponent too large");
  return numberFromBigInt(floatTruncate(floatMultiply(toFloat(number), floatFromInteger(factor))));
}

/** 0.001 as the binary fraction that Go multiplies with. */
const MILLI = { numerator: 1152921504606847n, denominator: 2n ** 60n };

function parseUnits(text: string): Value {
  const { amount, unit } = splitUnit(text.replaceAll('"', ""), "units.parse");
  if (amount === "") return fails("units.parse: no amount provided");
  const isMilli = unit === "m";
  const name = unit.charAt(0) === "M" ? `m${toLower(unit.slice(1))}` : toLower(unit);
  const factor = isMilli ? 1n : (factorOf(name) ?? fails(`units.parse: unit ${unit} not recognized`));
  const decimal = isDecimal(amount) ? parseDecimal(normal(amount)) : undefined;
  if (decimal === undefined) return fails("units.parse: could not parse amount to a number");
  const scale = 10n ** BigInt(Math.abs(decimal.exponent));
  const top = decimal.mantissa * (decimal.exponent > 0 ? scale : 1n) * (isMilli ? MILLI.numerator : factor);
  const bottom = (decimal.exponent < 0 ? scale : 1n) * (isMilli ? MILLI.denominator : 1n);
  return top % bottom === 0n ? numberFromBigInt(top / bottom) : rounded(top, bottom);
}

/** Ten digits, half away from zero, as `big.Rat` prints. */
function rounded(top: bigint, bottom: bigint): Value {
  const sign = top < 0n ? "-" : "";
  const magnitude = top < 0n ? -top : top;
  const digits = ((magnitude * 10n ** 10n * 2n + bottom) / (bottom * 2n)).toString().padStart(11, "0");
  const printed = `${sign}${digits.slice(0, -10)}.${digits.slice(-10)}`;
  const decimal = parseDecimal(printed);
  return numberFromText(printed) ?? (decimal === undefined ? 0 : new RegoNumber(printed, decimal));
}

function splitUnit(text: string, builtin: string): { readonly amount: string; readonly unit: string } {
  if (text.includes(" ")) return fails(`${builtin}: spaces not allowed in resource strings`);
  const match = /^(?:[0-9.+-]|[eE](?=[0-9+-])[+-]?)*/.exec(text);
  const amount = match?.[0] ?? "";
  if (/[eE][+-]?\d{7,}/.test(amount)) return fails(`${builtin}: exponent too large`);
  return { amount, unit: text.slice(amount.length) };
}

function isDecimal(text: string): boolean {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text);
}

function normal(text: string): string {
  return text.replace(/^\+/, "");
}
