/* oxlint-disable max-params -- the context, and then what the policy passes */
import { spend, spendCharacters } from "../run/meter.ts";
import { codePoints } from "../values/code-points.ts";
import type { UncheckedBuiltin } from "../run/builtin.ts";
import { codePointCount } from "../values/lookup.ts";
import { sortedEntries } from "../values/object.ts";
import { RegoSet } from "../values/set.ts";
import type { Value } from "../values/value.ts";
import { toLower, toUpper, trimSet, trimSpace } from "./letters.ts";
import {
  collectionOperand,
  fails,
  intOperand,
  objectOperand,
  stringOperand,
  stringsOperand,
  wrongElement,
  wrongOperand,
  wrongType,
} from "./operands.ts";
import { replaceAll } from "./replacer.ts";

/** Operations on strings, which count in code points. */
export const STRING_BUILTINS: Readonly<Record<string, UncheckedBuiltin>> = {
  concat: (_, separator: Value, parts: Value) => concat(stringOperand(separator, 1), parts),
  contains: text2((a, b) => a.includes(b)),
  startswith: text2((a, b) => a.startsWith(b)),
  endswith: text2((a, b) => a.endsWith(b)),
  lower: text1(toLower),
  upper: text1(toUpper),
  indexof: text2((a, b) => indexesOf(a, b, 1)[0] ?? -1),
  indexof_n: text2((a, b) => indexesOf(a, b, Infinity)),
  substring: (_, text: Value, from: Value, length: Value) =>
    substring(stringOperand(text, 1), intOperand(from, 2), intOperand(length, 3)),
  split: text2(split),
  "strings.split_n": (_, text: Value, separator: Value, count: Value) =>
    splitN(
      split(stringOperand(text, 1), stringOperand(separator, 2)),
      stringOperand(separator, 2),
      intOperand(count, 3),
    ),
  replace: (_, text: Value, from: Value, to: Value) =>
    replaceAll(stringOperand(text, 1), [[stringOperand(from, 2), stringOperand(to, 3)]]),
  "strings.replace_n": (_, pairs: Value, text: Value) => {
    const patterns = objectOperand(pairs, 1);
    return replaceAll(stringOperand(text, 2), [...sortedEntries(patterns)].map(replacement));
  },
  trim: text2((text, cut) => trimSet(text, cut, "both")),
  trim_left: text2((text, cut) => trimSet(text, cut, "left")),
  trim_right: text2((text, cut) => trimSet(text, cut, "right")),
  trim_prefix: text2((text, cut) => (text.startsWith(cut) ? text.slice(cut.length) : text)),
  trim_suffix: text2((text, cut) => (text.endsWith(cut) ? text.slice(0, text.length - cut.length) : text)),
  trim_space: text1(trimSpace),
  "strings.reverse": text1((text) => codePoints(text).toReversed().join("")),
  "strings.count": text2((text, part) => (part === "" ? codePointCount(text) + 1 : text.split(part).length - 1)),
  "strings.any_prefix_match": (_, texts: Value, parts: Value) => anyMatch(texts, parts, (a, b) => a.startsWith(b)),
  "strings.any_suffix_match": (_, texts: Value, parts: Value) => anyMatch(texts, parts, (a, b) => a.endsWith(b)),
};

function text1(operation: (text: string) => Value): UncheckedBuiltin {
  return (_, text: Value) => operation(stringOperand(text, 1));
}

function text2(operation: (a: string, b: string) => Value): UncheckedBuiltin {
  return (_, a: Value, b: Value) => operation(stringOperand(a, 1), stringOperand(b, 2));
}

function concat(separator: string, parts: Value): string {
  if (!Array.isArray(parts) && !(parts instanceof RegoSet)) wrongType(2, parts, "set", "array");
  const texts = collectionOperand(parts, 2).map((part) =>
    typeof part === "string" ? part : wrongElement(2, parts, part, "string"),
  );
  let length = separator.length * texts.length;
  for (const text of texts) length += text.length;
  spendCharacters(length);
  return texts.join(separator);
}

function indexesOf(text: string, part: string, countMax: number): number[] {
  if (part === "") fails("empty search character");
  const found: number[] = [];
  let passed = 0;
  let points = 0;
  for (let at = text.indexOf(part); at >= 0 && found.length < countMax; at = text.indexOf(part, at + 1)) {
    points += codePointCount(text.slice(passed, at));
    passed = at;
    found.push(points);
  }
  return found;
}

function substring(text: string, from: number, length: number): string {
  if (from < 0) fails("negative offset");
  const end = length < 0 ? Infinity : from + length;
  if (codePointCount(text) === text.length) return text.slice(from, end);
  return codePoints(text).slice(from, end).join("");
}

/** Texts split lately: rules ask for the parts of the same few subjects again and again. */
const RECENT_COUNT = 64;
const recent: ({ readonly text: string; readonly separator: string; readonly parts: string[] } | undefined)[] = [];

/** The parts of a text. Not to be changed: they may be handed out again. */
export function split(text: string, separator: string): string[] {
  const place = (text.length * 7 + text.charCodeAt(0) + text.charCodeAt(text.length >> 1)) & (RECENT_COUNT - 1);
  const known = recent[place];
  if (known !== undefined && known.text === text && known.separator === separator) return known.parts;
  const parts = separator === "" ? codePoints(text) : text.split(separator);
  if (text.length > KEPT_CHARS_MAX) spend((text.length >> 6) + (parts.length >> 2));
  else recent[place] = { text, separator, parts };
  return parts;
}

/** Longer texts aren't kept, so that little memory is. */
const KEPT_CHARS_MAX = 1024;

/** The first `count` parts, or the last ones when negative. */
function splitN(parts: readonly string[], separator: string, count: number): Value[] {
  if (count < 0) return parts.slice(Math.max(parts.length + count, 0));
  if (count === 0) return [];
  return separator === "" || parts.length > count ? parts.slice(0, count) : [...parts];
}

function replacement([from, to]: readonly [Value, Value]): readonly [string, string] {
  if (typeof from !== "string") return wrongOperand(1, "non-string key found in pattern object");
  return typeof to === "string" ? [from, to] : wrongOperand(1, "non-string value found in pattern object");
}

function anyMatch(texts: Value, parts: Value, matches: (text: string, part: string) => boolean): boolean {
  const searched = stringOrStrings(texts, 1);
  const wanted = stringOrStrings(parts, 2);
  spend(searched.length * wanted.length);
  return wanted.some((part) => searched.some((text) => matches(text, part)));
}

function stringOrStrings(value: Value, position: number): readonly string[] {
  if (typeof value === "string") return [value];
  if (!Array.isArray(value) && !(value instanceof RegoSet)) wrongType(position, value, "string", "set", "array");
  return stringsOperand(value, position);
}
