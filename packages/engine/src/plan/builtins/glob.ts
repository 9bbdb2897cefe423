/* oxlint-disable max-params -- the context, and then what the policy passes */
import { codePoints } from "../values/code-points.ts";
import { RE2JS } from "re2js";
import type { UncheckedBuiltin } from "../run/builtin.ts";
import type { Value } from "../values/value.ts";
import { boundedCache } from "./bounded-cache.ts";
import { arrayOperand, fails, stringOperand, wrongElement, wrongType } from "./operands.ts";
import { spendMatch } from "./regex.ts";

/** Globs as OPA's library reads them; matched by an RE2 of the same meaning. */
export const GLOB_BUILTINS: Readonly<Record<string, UncheckedBuiltin>> = {
  "glob.match": (_, pattern: Value, delimiters: Value, text: Value) => {
    const [glob, separators, subject] = [stringOperand(pattern, 1), delimitersOf(delimiters), stringOperand(text, 3)];
    const regex = compiledGlob(`${separators.length}:${separators}${glob}`);
    spendMatch(regex, subject.length);
    return regex.testExact(subject);
  },
  "glob.quote_meta": (_, text: Value) => stringOperand(text, 1).replace(/[*?\\[\]{}]/g, "\\$&"),
};

function delimitersOf(value: Value): string {
  if (value === null) return "";
  if (!Array.isArray(value)) return wrongType(2, value, "array", "null");
  const runes = arrayOperand(value, 2).map((rune) => {
    if (typeof rune !== "string" || codePoints(rune).length !== 1) return wrongElement(2, value, rune, "rune");
    return rune;
  });
  return runes.length === 0 ? "." : runes.join("");
}

const compiledGlob = boundedCache((key) => {
  const [length = "0"] = key.split(":", 1);
  const rest = key.slice(length.length + 1);
  const parser: Parser = {
    glob: codePoints(rest.slice(Number(length))),
    separators: rest.slice(0, Number(length)),
    at: 0,
  };
  return RE2JS.compile(parseSequence(parser, 0));
});

interface Parser {
  readonly glob: readonly string[];
  readonly separators: string;
  at: number;
}

const ANY = "(?s:.)";

/** A sequence up to the end, or inside braces up to `,` or `}`. */
function parseSequence(parser: Parser, depth: number): string {
  let regex = "";
  for (;;) {
    const character = parser.glob[parser.at];
    if (character === undefined) return depth === 0 ? regex : fails("glob: unclosed `{`");
    if (depth > 0 && (character === "," || character === "}")) return regex;
    parser.at += 1;
    regex += parsePart(parser, character, depth);
  }
}

function parsePart(parser: Parser, character: string, depth: number): string {
  switch (character) {
    case "?":
      return notSeparator(parser);
    case "*":
      if (parser.glob[parser.at] !== "*") return `${notSeparator(parser)}*`;
      parser.at += 1;
      return `${ANY}*`;
    case "[":
      return parseClass(parser);
    case "{":
      return parseAlternatives(parser, depth + 1);
    case "\\":
      return RE2JS.quote(escaped(parser));
    default:
      return RE2JS.quote(character);
  }
}

function parseAlternatives(parser: Parser, depth: number): string {
  if (depth > 100) return fails("glob: nested too deep");
  const alternatives = [parseSequence(parser, depth)];
  while (parser.glob[parser.at] === ",") {
    parser.at += 1;
    alternatives.push(parseSequence(parser, depth));
  }
  parser.at += 1;
  return `(?:${alternatives.join("|")})`;
}

/** `[a-z]`, `[abc]`, and `[!…]` of both. */
function parseClass(parser: Parser): string {
  const isNegated = parser.glob[parser.at] === "!";
  if (isNegated) parser.at += 1;
  const [low, dash, high] = parser.glob.slice(parser.at, parser.at + 3);
  if (dash === "-") {
    parser.at += 4;
    if (low === undefined || high === undefined || parser.glob[parser.at - 1] !== "]") return fails("glob: bad range");
    if ((high.codePointAt(0) ?? 0) < (low.codePointAt(0) ?? 0)) return fails("glob: range hi is less than lo");
    return characterClass(isNegated, `${classMember(low)}-${classMember(high)}`);
  }
  let members = "";
  for (;;) {
    const character = parser.glob[parser.at] ?? fails("glob: unclosed `[`");
    parser.at += 1;
    if (character === "]") break;
    members += classMember(character === "\\" ? escaped(parser) : character);
  }
  return members === "" ? fails("glob: could not parse range") : characterClass(isNegated, members);
}

function characterClass(isNegated: boolean, members: string): string {
  return isNegated ? `[^${members}]` : `[${members}]`;
}

function escaped(parser: Parser): string {
  const character = parser.glob[parser.at] ?? fails("glob: trailing backslash");
  parser.at += 1;
  return character;
}

function notSeparator({ separators }: Parser): string {
  return separators === "" ? ANY : `[^${codePoints(separators).map(classMember).join("")}]`;
}

function classMember(character: string): string {
  return `\\x{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
