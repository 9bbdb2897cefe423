/* oxlint-disable max-params -- the context, and then what the policy passes */
import type { BuiltinContext, UncheckedBuiltin } from "../run/builtin.ts";
import { toFloat } from "../values/arithmetic.ts";
import { floatTruncate, isFloatInteger } from "../values/big-float.ts";
import { numberFromBigInt } from "../values/number.ts";
import { isNumber, type Value } from "../values/value.ts";
import { parseDuration } from "./duration.ts";
import { formatLayout, NAMED_LAYOUTS, WEEKDAYS } from "./go-layout.ts";
import { parseLayout } from "./go-layout-parse.ts";
import { fails, intOperand, numberOperand, stringOperand, wrongType } from "./operands.ts";
import { instantOfWall, knownZone, wallOf, type Wall } from "./time-zone.ts";

/** Times in nanoseconds since 1970. The clock is the caller's. */
export const TIME_BUILTINS: Readonly<Record<string, UncheckedBuiltin>> = {
  "time.now_ns": (context) => numberFromBigInt(nowNs(context)),
  "time.parse_ns": (_, layout: Value, text: Value) => {
    const name = stringOperand(layout, 1);
    return inRange(parseLayout(NAMED_LAYOUTS.get(name) ?? name, stringOperand(text, 2)));
  },
  "time.parse_rfc3339_ns": (_, text: Value) =>
    inRange(parseLayout("2006-01-02T15:04:05Z07:00", stringOperand(text, 1))),
  "time.parse_duration_ns": (_, text: Value) => numberFromBigInt(parseDuration(stringOperand(text, 1))),
  "time.format": (_, time: Value) => {
    const { wall, layout } = timeOperand(time);
    return formatLayout(wall, NAMED_LAYOUTS.get(layout || "RFC3339Nano") ?? layout);
  },
  "time.date": (_, time: Value) => {
    const { wall } = timeOperand(time);
    return [wall.year, wall.month, wall.day];
  },
  "time.clock": (_, time: Value) => {
    const { wall } = timeOperand(time);
    return [wall.hour, wall.minute, wall.second];
  },
  "time.weekday": (_, time: Value) => WEEKDAYS[timeOperand(time).wall.weekday],
  "time.add_date": (_, time: Value, years: Value, months: Value, days: Value) => {
    const { wall } = timeOperand(time);
    const [year, month, day] = [intOperand(years, 2), intOperand(months, 3), intOperand(days, 4)];
    return inRange(instantOfWall({ ...wall, year: wall.year + year, month: wall.month + month, day: wall.day + day }));
  },
  "time.diff": (_, a: Value, b: Value) => difference(timeOperand(a), timeOperand(b)),
};

export function nowNs({ nowNs: now }: BuiltinContext): bigint {
  return now ?? fails("the evaluation was given no clock");
}

const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

function inRange(ns: bigint): Value {
  return ns >= INT64.min && ns <= INT64.max ? numberFromBigInt(ns) : fails("time outside of valid range");
}

interface Time {
  readonly ns: bigint;
  readonly wall: Wall;
  readonly layout: string;
}

/** Nanoseconds, or `[nanoseconds, zone, layout]`. */
function timeOperand(value: Value): Time {
  if (!isNumber(value) && (!Array.isArray(value) || value.length === 0)) {
    return wrongType(1, value, "either number (ns) or [number (ns), string (tz)]");
  }
  const [time = 0, zone = "", layout = ""] = Array.isArray(value) ? value : [value];
  const float = toFloat(numberOperand(time, 1));
  const ns = floatTruncate(float);
  const zoneName = knownZone(stringOperand(zone, 1));
  if (!isFloatInteger(float) || ns < INT64.min || ns > INT64.max) return fails("timestamp too big");
  return { ns, wall: wallOf(ns, zoneName), layout: stringOperand(layout, 1) };
}

/** Years, months, days, hours, minutes and seconds between two times, as the first one's zone counts them. */
function difference(a: Time, b: Time): Value {
  const other: Time = { ...b, wall: wallOf(b.ns, a.wall.zone) };
  const [early, late] = a.ns > b.ns ? [other.wall, a.wall] : [a.wall, other.wall];
  let year = late.year - early.year;
  let month = late.month - early.month;
  let day = late.day - early.day;
  let hour = late.hour - early.hour;
  let minute = late.minute - early.minute;
  let second = late.second - early.second;
  if (second < 0) [second, minute] = [second + 60, minute - 1];
  if (minute < 0) [minute, hour] = [minute + 60, hour - 1];
  if (hour < 0) [hour, day] = [hour + 24, day - 1];
  if (day < 0) [day, month] = [day + daysIn(early.year, early.month), month - 1];
  if (month < 0) [month, year] = [month + 12, year - 1];
  return [year, month, day, hour, minute, second];
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}
