/* oxlint-disable max-params -- the context, and then what the policy passes */
import { spend, spendCharacters } from "../run/meter.ts";
import { codePoints } from "../values/code-points.ts";
import { RE2JS, RE2JSException, type Matcher } from "re2js";
import type { BuiltinContext, UncheckedBuiltin } from "../run/builtin.ts";
import type { Value } from "../values/value.ts";
import { boundedCache } from "./bounded-cache.ts";
import { globsIntersect } from "./glob-intersection.ts";
import { nativeRegex } from "./native-regex.ts";
import { fails, intOperand, stringOperand } from "./operands.ts";

/** Regular expressions in RE2's syntax and linear time. */
export const REGEX_BUILTINS: Readonly<Record<string, UncheckedBuiltin>> = {
  "regex.match": match,
  re_match: match,
  "regex.is_valid": (_, pattern: Value) => typeof pattern === "string" && isPattern(pattern),
  "regex.split": (_, pattern: Value, text: Value) => split(compiled(pattern, 1), stringOperand(text, 2)),
  "regex.find_n": (_, pattern: Value, text: Value, count: Value) =>
    findAll(compiled(pattern, 1), stringOperand(text, 2), intOperand(count, 3)).map(({ groups }) => groups[0] ?? ""),
  "regex.find_all_string_submatch_n": (_, pattern: Value, text: Value, count: Value) =>
    findAll(compiled(pattern, 1), stringOperand(text, 2), intOperand(count, 3)).map(({ groups }) => [...groups]),
  "regex.replace": (_, text: Value, pattern: Value, replacement: Value) => {
    const [base, template] = [stringOperand(text, 1), stringOperand(replacement, 3)];
    return replace(compiled(pattern, 2), base, template);
  },
  "regex.template_match": (_, ...args: readonly Value[]) => templateMatch(args),
  "regex.globs_match": (context, a: Value, b: Value) =>
    globsIntersect(context, stringOperand(a, 1), stringOperand(b, 2)),
};

/** A compiled expression; expressions are kept by their text. */
export const compileRegex: (pattern: string) => RE2JS = boundedCache((pattern) => RE2JS.compile(pattern));

/** Whether {@link compileRegex} threw this because of the pattern. */
export function isRegexFailure(reason: unknown): reason is RE2JSException {
  return reason instanceof RE2JSException;
}

/**
 * A test of a pattern, kept by its text.
 *
 * @throws RE2JSException
 */
export const compileTest: (pattern: string) => (text: string) => boolean = boundedCache((pattern) => {
  const regex = compileRegex(pattern);
  const native = nativeRegex(pattern);
  if (native !== undefined) return (text) => native.test(text);
  return (text) => {
    spendMatch(regex, text.length);
    return regex.test(text);
  };
});

/** Pays for a match, which takes a look at every state of the pattern for every character in the worst case. */
export function spendMatch(regex: RE2JS, length: number): void {
  spend((regex.programSize() * length) / STATES_A_STEP);
}

const STATES_A_STEP = 64;

function compiled(pattern: Value, position: number): RE2JS {
  const text = stringOperand(pattern, position);
  try {
    return compileRegex(text);
  } catch (reason) {
    return refusePattern(reason);
  }
}

export function isPattern(pattern: string): boolean {
  try {
    compileRegex(pattern);
    return true;
  } catch (reason) {
    if (!isRegexFailure(reason)) throw reason;
    return false;
  }
}

function match(_: BuiltinContext, ...args: readonly Value[]): boolean {
  const [pattern = null, text = null] = args;
  const [source, subject] = [stringOperand(pattern, 1), stringOperand(text, 2)];
  try {
    return compileTest(source)(subject);
  } catch (reason) {
    return refusePattern(reason);
  }
}

function refusePattern(reason: unknown): never {
  if (!isRegexFailure(reason)) throw reason;
  return fails(`error parsing regexp: ${reason.message}`);
}

interface Found {
  readonly start: number;
  readonly end: number;
  readonly groups: readonly string[];
}

/** Matches from left to right as Go counts them: an empty one right behind another match is none. */
function findAll(regex: RE2JS, text: string, countMax: number): Found[] {
  const states = regex.programSize();
  const matcher = regex.matcher(text);
  const found: Found[] = [];
  let previousEnd = -1;
  for (let at = 0; at <= text.length && (countMax < 0 || found.length < countMax) && matcher.find(at);) {
    spend(1 + (states * (text.length - at)) / REST_STATES_A_STEP);
    const [start, end] = [matcher.start(), matcher.end()];
    if (end > at || start !== previousEnd) found.push({ start, end, groups: groupsOf(matcher) });
    at = end > at ? end : at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
    previousEnd = end;
  }
  return found;
}

/** Each search may look at all the rest of the text before it settles for a match that begins at once. */
const REST_STATES_A_STEP = 64;

function groupsOf(matcher: Matcher): readonly string[] {
  return Array.from({ length: matcher.groupCount() + 1 }, (_, index) => matcher.group(index) ?? "");
}

function split(regex: RE2JS, text: string): Value {
  if (text === "" && regex.pattern() !== "") return [""];
  const parts: string[] = [];
  let begin = 0;
  let end = 0;
  for (const found of findAll(regex, text, -1)) {
    end = found.start;
    if (found.end !== 0) parts.push(text.slice(begin, end));
    begin = found.end;
  }
  if (end !== text.length) parts.push(text.slice(begin));
  return parts;
}

function replace(regex: RE2JS, text: string, template: string): string {
  let out = "";
  let last = 0;
  const names = regex.namedGroups();
  for (const found of findAll(regex, text, -1)) {
    const added = text.slice(last, found.start) + expand(template, found, names);
    spendCharacters(added.length);
    out += added;
    last = found.end;
  }
  return out + text.slice(last);
}

const REFERENCE = /\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu;

/** Go's `Expand`: `$1`, `${name}`, `$$`; what isn't there is empty. */
function expand(template: string, found: Found, names: Readonly<Record<string, number>>): string {
  return template.replace(REFERENCE, (whole, braced: string | undefined, bare: string | undefined) => {
    const name = braced ?? bare;
    if (name === undefined) return whole === "$$" ? "$" : whole;
    const index = /^\d+$/.test(name) ? Number(name) : Object.hasOwn(names, name) ? names[name] : undefined;
    return index === undefined ? "" : (found.groups[index] ?? "");
  });
}

function templateMatch(args: readonly Value[]): Value {
  const [pattern = "", text = "", start = "", end = ""] = args.map((arg, index) => stringOperand(arg, index + 1));
  for (const [name, delimiter] of [
    ["start", start],
    ["end", end],
  ] as const) {
    if (Buffer.byteLength(delimiter) !== 1) {
      fails(`${name} delimiter has to be exactly one character long but is ${Buffer.byteLength(start)} long`);
    }
  }
  const regex = compiled(templateRegex(pattern, start, end), 1);
  spendMatch(regex, text.length);
  return regex.test(text);
}

function templateRegex(template: string, start: string, end: string): string {
  let regex = "^";
  let level = 0;
  let from = 0;
  for (const [at, character] of codePoints(template).entries()) {
    if (character !== start && character !== end) continue;
    const wasOpen = level;
    level += character === start ? 1 : -1;
    if (level < 0) fails(`unbalanced braces in "${template}"`);
    if (wasOpen === 0) {
      regex += RE2JS.quote(codePoints(template).slice(from, at).join(""));
      from = at + 1;
    } else if (level === 0) {
      const part = codePoints(template).slice(from, at).join("");
      compiled(`^${part}$`, 1);
      regex += `(${part})`;
      from = at + 1;
    }
  }
  if (level !== 0) fails(`unbalanced braces in "${template}"`);
  return `${regex}${RE2JS.quote(codePoints(template).slice(from).join(""))}$`;
}
