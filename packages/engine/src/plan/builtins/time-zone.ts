import { fails } from "./operands.ts";

/** What a clock on the wall shows at an instant. */
export interface Wall {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** 1 is the first of January. */
  readonly yearDay: number;
  readonly offsetSeconds: number;
  /** An IANA name, or `UTC`. */
  readonly zone: string;
  readonly epochMs: number;
}

const NANOSECONDS = 1_000_000_000n;
const DAY_MS = 86_400_000;

export function wallOf(ns: bigint, zone: string): Wall {
  const second = ns >= 0n ? ns / NANOSECONDS : -((-ns + NANOSECONDS - 1n) / NANOSECONDS);
  const epochMs = Number(second) * 1000;
  const offsetSeconds = offsetAt(epochMs, zone);
  const date = new Date(epochMs + offsetSeconds * 1000);
  const year = date.getUTCFullYear();
  return {
    year,
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    nanosecond: Number(ns - second * NANOSECONDS),
    weekday: date.getUTCDay(),
    yearDay: Math.floor((date.getTime() - new Date(Date.UTC(2000, 0, 1)).setUTCFullYear(year, 0, 1)) / DAY_MS) + 1,
    offsetSeconds,
    zone,
    epochMs,
  };
}

/** The instant at which the wall shows this; dates may overflow their months. */
export function instantOfWall(
  wall: Pick<Wall, "year" | "month" | "day" | "hour" | "minute" | "second" | "nanosecond" | "zone">,
): bigint {
  const date = new Date(0);
  date.setUTCFullYear(wall.year, wall.month - 1, wall.day);
  date.setUTCHours(wall.hour, wall.minute, wall.second);
  const local = date.getTime();
  if (Number.isNaN(local)) return fails("time outside of valid range");
  // As Go guesses: the offset at the same figures in UTC, then the one at what that gives.
  const guess = offsetAt(local, wall.zone);
  const offset = guess === 0 ? 0 : offsetAt(local - guess * 1000, wall.zone);
  return BigInt(local / 1000 - offset) * NANOSECONDS + BigInt(wall.nanosecond);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Throws for a zone that isn't known. */
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    era: "short",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  formats.set(zone, made);
  return made;
}

/** `UTC` for the names of it; an IANA name as it is. */
export function knownZone(name: string): string {
  // The policy's clock is its input; where the process runs is none of its business.
  if (name === "" || name === "UTC" || name === "Local") return "UTC";
  if (/^[+-]/.test(name)) return fails(`unknown time zone ${name}`);
  try {
    formatOf(name);
    return name;
  } catch {
    return fails(`unknown time zone ${name}`);
  }
}

function offsetAt(epochMs: number, zone: string): number {
  if (zone === "UTC") return 0;
  const parts = new Map(
    formatOf(zone)
      .formatToParts(epochMs)
      .map(({ type, value }) => [type, value]),
  );
  const field = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type) ?? 0);
  const date = new Date(0);
  const year = parts.get("era") === "BC" ? 1 - field("year") : field("year");
  date.setUTCFullYear(year, field("month") - 1, field("day"));
  date.setUTCHours(field("hour"), field("minute"), field("second"));
  return Math.round((date.getTime() - epochMs) / 1000);
}

/** English countries name their own zones, and only those. */
const LOCALES = ["en-US", "en-GB", "en-AU", "en-NZ", "en-IN", "en-ZA", "en-CA"];

/** The abbreviation of a zone at a time, or its offset where it has none. */
export function zoneName({ zone, epochMs, offsetSeconds }: Wall): string {
  if (zone === "UTC") return "UTC";
  for (const locale of LOCALES) {
    const parts = new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: "short" }).formatToParts(epochMs);
    const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
    if (/^[A-Z]{2,5}$/.test(name)) return name;
  }
  const size = Math.abs(offsetSeconds);
  const minutes = Math.trunc(size / 60) % 60;
  const hours = String(Math.trunc(size / 3600)).padStart(2, "0");
  return `${offsetSeconds < 0 ? "-" : "+"}${hours}${minutes === 0 ? "" : String(minutes).padStart(2, "0")}`;
}
