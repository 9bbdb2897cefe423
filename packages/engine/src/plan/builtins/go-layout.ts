import { zoneName, type Wall } from "./time-zone.ts";

// Go's time layouts: pieces of the reference time `Mon Jan 2 15:04:05 MST 2006`, and plain text between them.

const CHUNK = new RegExp(
  [
    "January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|002|0[1-6]|15|1|2006|2|__2|_2(?!006)|3|4|5|PM|pm",
    "[-Z]070000|[-Z]07:00:00|[-Z]0700|[-Z]07:00|[-Z]07|[.,]0+(?!\\d)|[.,]9+(?!\\d)",
  ].join("|"),
  "g",
);

export const MONTHS: readonly string[] = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
export const WEEKDAYS: readonly string[] = [
  "Sunday",
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
];

/** Layouts that OPA knows by name. */
export const NAMED_LAYOUTS: ReadonlyMap<string, string> = new Map([
  ["ANSIC", "Mon Jan _2 15:04:05 2006"],
  ["UnixDate", "Mon Jan _2 15:04:05 MST 2006"],
  ["RubyDate", "Mon Jan 02 15:04:05 -0700 2006"],
  ["RFC822", "02 Jan 06 15:04 MST"],
  ["RFC822Z", "02 Jan 06 15:04 -0700"],
  ["RFC850", "Monday, 02-Jan-06 15:04:05 MST"],
  ["RFC1123", "Mon, 02 Jan 2006 15:04:05 MST"],
  ["RFC1123Z", "Mon, 02 Jan 2006 15:04:05 -0700"],
  ["RFC3339", "2006-01-02T15:04:05Z07:00"],
  ["RFC3339Nano", "2006-01-02T15:04:05.999999999Z07:00"],
]);

/** A layout taken apart: text, then a chunk, and so on. The last chunk is empty. */
export function splitLayout(layout: string): readonly { readonly text: string; readonly chunk: string }[] {
  const parts: { readonly text: string; readonly chunk: string }[] = [];
  let at = 0;
  for (const match of layout.matchAll(CHUNK)) {
    parts.push({ text: layout.slice(at, match.index), chunk: match[0] });
    at = match.index + match[0].length;
  }
  return [...parts, { text: layout.slice(at), chunk: "" }];
}

export function formatLayout(wall: Wall, layout: string): string {
  return splitLayout(layout)
    .map(({ text, chunk }) => text + formatChunk(wall, chunk))
    .join("");
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function formatChunk(wall: Wall, chunk: string): string {
  const { year, month, day, hour, minute, second } = wall;
  const hour12 = hour % 12 === 0 ? 12 : hour % 12;
  switch (chunk) {
    case "2006":
      return year < 0 ? `-${String(-year).padStart(4, "0")}` : String(year).padStart(4, "0");
    case "06":
      return two(Math.abs(year) % 100);
    case "January":
      return MONTHS[month - 1] ?? "";
    case "Jan":
      return (MONTHS[month - 1] ?? "").slice(0, 3);
    case "Monday":
      return WEEKDAYS[wall.weekday] ?? "";
    case "Mon":
      return (WEEKDAYS[wall.weekday] ?? "").slice(0, 3);
    case "002":
      return String(wall.yearDay).padStart(3, "0");
    case "__2":
      return String(wall.yearDay).padStart(3, " ");
    case "_2":
      return String(day).padStart(2, " ");
    case "PM":
      return hour >= 12 ? "PM" : "AM";
    case "pm":
      return hour >= 12 ? "pm" : "am";
    case "MST":
      return zoneName(wall);
    default:
      return (
        formatNumber(chunk, { "1": month, "2": day, "3": hour12, "4": minute, "5": second, "15": hour }) ??
        formatRest(wall, chunk)
      );
  }
}

function formatNumber(chunk: string, numbers: Readonly<Record<string, number>>): string | undefined {
  if (chunk === "15") return two(numbers[chunk] ?? 0);
  const value = numbers[chunk.replace(/^0(?=[1-5]$)/, "")];
  if (value === undefined) return undefined;
  return chunk.startsWith("0") ? two(value) : String(value);
}

function formatRest(wall: Wall, chunk: string): string {
  if (chunk.startsWith(".") || chunk.startsWith(",")) return formatFraction(wall.nanosecond, chunk);
  return chunk === "" ? "" : formatOffset(wall.offsetSeconds, chunk);
}

function formatFraction(nanosecond: number, chunk: string): string {
  const digits = String(nanosecond)
    .padStart(9, "0")
    .slice(0, chunk.length - 1)
    .padEnd(chunk.length - 1, "0");
  if (chunk.charAt(1) === "0") return chunk.charAt(0) + digits;
  const trimmed = digits.replace(/0+$/, "");
  return trimmed === "" ? "" : chunk.charAt(0) + trimmed;
}

function formatOffset(offsetSeconds: number, chunk: string): string {
  if (chunk.startsWith("Z") && offsetSeconds === 0) return "Z";
  const size = Math.abs(offsetSeconds);
  const colon = chunk.includes(":") ? ":" : "";
  const pieces = [Math.trunc(size / 3600), Math.trunc(size / 60) % 60, size % 60].map(two);
  const count = chunk.replaceAll(":", "").length / 2 - 0.5;
  return (offsetSeconds < 0 ? "-" : "+") + pieces.slice(0, count).join(colon);
}
