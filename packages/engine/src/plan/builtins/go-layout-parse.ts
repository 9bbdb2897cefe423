import { MONTHS, splitLayout, WEEKDAYS } from "./go-layout.ts";
import { fails } from "./operands.ts";

const NANOSECONDS = 1_000_000_000n;

interface Parsed {
  rest: string;
  year: number;
  month: number | undefined;
  day: number | undefined;
  yearDay: number | undefined;
  hour: number;
  minute: number;
  second: number;
  nanosecond: number;
  half: "AM" | "PM" | undefined;
  offsetSeconds: number;
}

/** Go's `time.Parse`: nanoseconds since 1970. */
export function parseLayout(layout: string, value: string): bigint {
  const parsed: Parsed = {
    rest: value,
    year: 0,
    month: undefined,
    day: undefined,
    yearDay: undefined,
    hour: 0,
    minute: 0,
    second: 0,
    nanosecond: 0,
    half: undefined,
    offsetSeconds: 0,
  };
  const parts = splitLayout(layout);
  for (const [index, { text, chunk }] of parts.entries()) {
    skip(parsed, text);
    if (chunk === "" && parsed.rest !== "") cannot(value);
    const next = parts[index + 1];
    if (chunk !== "") parseChunk(parsed, chunk, next?.text === "" && /^[.,]/.test(next.chunk));
  }
  return instantOf(parsed, value);
}

function instantOf(parsed: Parsed, value: string): bigint {
  let { hour } = parsed;
  if (parsed.half === "PM" && hour < 12) hour += 12;
  if (parsed.half === "AM" && hour === 12) hour = 0;
  const [month, day] = dateOf(parsed, value);
  const days = BigInt(Math.trunc(Date.UTC(2000, month - 1, day) / 86_400_000)) + yearShift(parsed.year, month, day);
  const seconds = days * 86_400n + BigInt(hour * 3600 + parsed.minute * 60 + parsed.second - parsed.offsetSeconds);
  return seconds * NANOSECONDS + BigInt(parsed.nanosecond);
}

/** Days between the date in `year` and the same one in 2000; JS takes two-digit years for others. */
function yearShift(year: number, month: number, day: number): bigint {
  const date = new Date(Date.UTC(2000, month - 1, day));
  const start = date.getTime();
  date.setUTCFullYear(year, month - 1, day);
  return BigInt(Math.round((date.getTime() - start) / 86_400_000));
}

function dateOf({ year, month, day, yearDay }: Parsed, value: string): readonly [number, number] {
  if (yearDay !== undefined) {
    const limit = isLeap(year) ? 366 : 365;
    if (yearDay < 1 || yearDay > limit) cannot(value);
    const date = new Date(Date.UTC(isLeap(year) ? 2000 : 2001, 0, yearDay));
    const found = [date.getUTCMonth() + 1, date.getUTCDate()] as const;
    if ((month !== undefined && month !== found[0]) || (day !== undefined && day !== found[1])) cannot(value);
    return found;
  }
  const [m, d] = [month ?? 1, day ?? 1];
  if (d < 1 || d > new Date(Date.UTC(isLeap(year) ? 2000 : 2001, m, 0)).getUTCDate()) cannot(value);
  return [m, d];
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Plain text must be there; any run of spaces stands for any other. */
function skip(parsed: Parsed, text: string): void {
  let prefix = text;
  while (prefix !== "") {
    if (prefix.startsWith(" ")) {
      if (parsed.rest !== "" && !parsed.rest.startsWith(" ")) cannot(parsed.rest);
      prefix = prefix.replace(/^ +/, "");
      parsed.rest = parsed.rest.replace(/^ +/, "");
      continue;
    }
    if (parsed.rest.charAt(0) !== prefix.charAt(0)) cannot(parsed.rest);
    prefix = prefix.slice(1);
    parsed.rest = parsed.rest.slice(1);
  }
}

function parseChunk(parsed: Parsed, chunk: string, fractionFollows: boolean): void {
  switch (chunk) {
    case "2006":
      parsed.year = Number(take(parsed, /^\d{4}/));
      return;
    case "06": {
      const year = Number(take(parsed, /^\d\d/));
      parsed.year = year >= 69 ? year + 1900 : year + 2000;
      return;
    }
    case "January":
    case "Jan":
      parsed.month = takeName(parsed, MONTHS, chunk === "Jan") + 1;
      return;
    case "Monday":
    case "Mon":
      takeName(parsed, WEEKDAYS, chunk === "Mon");
      return;
    case "002":
    case "__2":
      parsed.yearDay = Number(take(parsed, chunk === "002" ? /^\d{3}/ : /^(?: {2}\d| \d\d|\d{3})/));
      return;
    case "PM":
    case "pm":
      parsed.half = take(parsed, chunk === "PM" ? /^[AP]M/ : /^[ap]m/).toUpperCase() === "PM" ? "PM" : "AM";
      return;
    case "MST":
      parsed.offsetSeconds = takeZone(parsed);
      return;
    default:
      parseNumber(parsed, chunk, fractionFollows);
  }
}

function parseNumber(parsed: Parsed, chunk: string, fractionFollows: boolean): void {
  if (/^[.,]/.test(chunk)) return parseFraction(parsed, chunk);
  if (/^[-Z]/.test(chunk)) {
    parsed.offsetSeconds = takeOffset(parsed, chunk);
    return;
  }
  if (chunk === "_2" && parsed.rest.startsWith(" ")) parsed.rest = parsed.rest.slice(1);
  const isFixed = chunk.startsWith("0");
  const value = Number(take(parsed, isFixed ? /^\d\d/ : /^\d\d?/));
  switch (chunk.replace(/^[0_]/, "")) {
    case "1":
      parsed.month = within(value, 1, 12);
      return;
    case "2":
      parsed.day = value;
      return;
    case "3":
      parsed.hour = within(value, 0, 12);
      return;
    case "15":
      parsed.hour = within(value, 0, 23);
      return;
    case "4":
      parsed.minute = within(value, 0, 59);
      return;
    default:
      parsed.second = within(value, 0, 59);
      // Fractions are read even where the layout has none.
      if (!fractionFollows && /^[.,]\d/.test(parsed.rest)) parsed.nanosecond = nanoseconds(take(parsed, /^[.,]\d+/));
  }
}

function parseFraction(parsed: Parsed, chunk: string): void {
  if (chunk.charAt(1) === "0") {
    const text = parsed.rest.slice(0, chunk.length);
    if (!/^[.,]\d+$/.test(text) || text.length < chunk.length) cannot(parsed.rest);
    parsed.nanosecond = nanoseconds(text);
    parsed.rest = parsed.rest.slice(chunk.length);
  } else if (/^[.,]\d/.test(parsed.rest)) parsed.nanosecond = nanoseconds(take(parsed, /^[.,]\d+/));
}

function nanoseconds(fraction: string): number {
  return Number(fraction.slice(1, 10).padEnd(9, "0"));
}

function takeName(parsed: Parsed, names: readonly string[], isShort: boolean): number {
  const lower = parsed.rest.toLowerCase();
  const index = names.findIndex((name) => lower.startsWith((isShort ? name.slice(0, 3) : name).toLowerCase()));
  if (index < 0) cannot(parsed.rest);
  parsed.rest = parsed.rest.slice(isShort ? 3 : (names[index] ?? "").length);
  return index;
}

/** An abbreviation. Only UTC is known; any other counts as UTC, `GMT+3` excepted. */
function takeZone(parsed: Parsed): number {
  const name = take(parsed, /^(?:UTC|ChST|MeST|GMT[+-]\d{1,2}|[+-]\d\d|[A-Z]{3,4}(?![A-Z])|WITA)/);
  const hours = /^(?:GMT)?([+-]\d+)$/.exec(name)?.[1];
  return hours === undefined ? 0 : Number(hours) * 3600;
}

function takeOffset(parsed: Parsed, chunk: string): number {
  if (chunk.startsWith("Z") && parsed.rest.startsWith("Z")) {
    parsed.rest = parsed.rest.slice(1);
    return 0;
  }
  const pattern = new RegExp(`^[+-]${chunk.slice(1).replace(/\d\d/g, "\\d\\d")}`);
  const text = take(parsed, pattern);
  const [hours = 0, minutes = 0, seconds = 0] = text.slice(1).match(/\d\d/g)?.map(Number) ?? [];
  const size = within(hours, 0, 24) * 3600 + within(minutes, 0, 59) * 60 + within(seconds, 0, 59);
  return text.startsWith("-") ? -size : size;
}

function take(parsed: Parsed, pattern: RegExp): string {
  const text = pattern.exec(parsed.rest)?.[0] ?? cannot(parsed.rest);
  parsed.rest = parsed.rest.slice(text.length);
  return text;
}

function within(value: number, low: number, high: number): number {
  return value >= low && value <= high ? value : cannot(String(value));
}

function cannot(text: string): never {
  return fails(`parsing time: cannot parse ${text}`);
}
