import { codePoints } from "../values/code-points.ts";
import type { BuiltinContext } from "../run/builtin.ts";
import { fails } from "./operands.ts";

/** One token of the small pattern language of `regex.globs_match`. */
interface Token {
  /** Code points it stands for; undefined for `.`, which is any. */
  readonly points: ReadonlySet<string> | undefined;
  flag: "" | "+" | "*";
}

type Glob = readonly Token[];

/** Whether some non-empty text matches both patterns; patterns have characters, `.`, `[a-z]`, `*`, `+` and `\`. */
export function globsIntersect(context: BuiltinContext, left: string, right: string): boolean {
  const trimmed = trim(parse(left), parse(right));
  return trimmed !== undefined && intersect(context, ...trimmed);
}

function matches(a: Token, b: Token): boolean {
  if (a.points === undefined || b.points === undefined) return true;
  for (const point of a.points) if (b.points.has(point)) return true;
  return false;
}

/** Without the plain ends that they share, one token of each excepted; undefined when those ends differ. */
function trim(a: Glob, b: Glob): readonly [Glob, Glob] | undefined {
  const isPlain = (x: Token | undefined, y: Token | undefined): boolean => x?.flag === "" && y?.flag === "";
  const agree = (x: Token | undefined, y: Token | undefined): boolean =>
    x !== undefined && y !== undefined && matches(x, y);
  let start = 0;
  for (; isPlain(a[start], b[start]); start += 1) if (!agree(a[start], b[start])) return undefined;
  if (start > 0) start -= 1;
  let endA = a.length - 1;
  let endB = b.length - 1;
  for (; endA >= start && endB >= start && isPlain(a[endA], b[endB]); endA -= 1, endB -= 1) {
    if (!agree(a[endA], b[endB])) return undefined;
  }
  if (endA < a.length - 1) {
    endA += 1;
    endB += 1;
  }
  return [a.slice(start, endA + 1), b.slice(start, endB + 1)];
}

function intersect(context: BuiltinContext, a: Glob, b: Glob): boolean {
  context.charge(4);
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const [x, y] = [a[i], b[i]];
    if (x === undefined || y === undefined) return false;
    if (x.flag !== "" || y.flag !== "") return intersectFlagged(context, a.slice(i), b.slice(i));
    if (!matches(x, y)) return false;
  }
  return a.length === b.length;
}

function intersectFlagged(context: BuiltinContext, a: Glob, b: Glob): boolean {
  const [flagged, other] = a[0]?.flag === "" ? [b, a] : [a, b];
  return flagged[0]?.flag === "+" ? intersectPlus(context, flagged, other) : intersectStar(context, flagged, other);
}

function intersectPlus(context: BuiltinContext, plus: Glob, other: Glob): boolean {
  const [first, second] = [plus[0], other[0]];
  if (first === undefined || second === undefined || !matches(first, second)) return false;
  if (intersectStar(context, plus, other.slice(1))) return true;
  return second.flag !== "" && intersect(context, plus.slice(1), other);
}

function intersectStar(context: BuiltinContext, star: Glob, other: Glob): boolean {
  const [first, next] = star;
  if (first === undefined) return false;
  for (const [i, token] of other.entries()) {
    if (next !== undefined && matches(token, next) && intersect(context, star.slice(1), other.slice(i))) return true;
    if (!matches(token, first)) return false;
  }
  return next === undefined;
}

function parse(pattern: string): Glob {
  const input = codePoints(pattern);
  const tokens: Token[] = [];
  for (let at = 0; at < input.length;) {
    const [points, next] = parsePoints(input, at);
    const mark = input[next];
    const flag = mark === "+" || mark === "*" ? mark : "";
    tokens.push({ points, flag });
    at = flag === "" ? next : next + 1;
  }
  return simplify(tokens);
}

function parsePoints(input: readonly string[], at: number): readonly [ReadonlySet<string> | undefined, number] {
  const character = input[at] ?? "";
  if (character === "\\") return [new Set([input[at + 1] ?? fails("input ends with an escape character")]), at + 2];
  if (character === ".") return [undefined, at + 1];
  if (character === "[") return parseSet(input, at + 1);
  if ("]+*".includes(character)) return fails(`unexpected ${character} at ${at}`);
  return [new Set([character]), at + 1];
}

function parseSet(input: readonly string[], start: number): readonly [ReadonlySet<string>, number] {
  const points = new Set<string>();
  let previous: string | undefined;
  for (let at = start; at < input.length; at += 1) {
    const character = input[at] ?? "";
    if (character === "]") return [points, at + 1];
    if (character === "-") {
      at += input[at + 1] === "\\" ? 2 : 1;
      addRange(points, previous, input[at]);
      previous = undefined;
      continue;
    }
    if (character === "\\") at += 1;
    previous = input[at] ?? fails("input ends with an escape character");
    points.add(previous);
  }
  return fails("found [ without matching ]");
}

function addRange(points: Set<string>, low: string | undefined, high: string | undefined): void {
  const [from, to] = [low?.codePointAt(0), high?.codePointAt(0)];
  if (from === undefined || to === undefined || high === "]" || high === "-" || to < from)
    return fails("invalid range");
  for (let point = from; point <= to; point += 1) points.add(String.fromCodePoint(point));
}

/** Joins neighbours with flags that stand for the same code points. */
function simplify(tokens: readonly Token[]): Glob {
  const simple: Token[] = [];
  for (const token of tokens) {
    const last = simple.at(-1);
    const joins = last !== undefined && last.flag !== "" && token.flag !== "" && samePoints(last.points, token.points);
    if (!joins) simple.push(token);
    else if (token.flag === "+") last.flag = "+";
  }
  return simple;
}

function samePoints(a: ReadonlySet<string> | undefined, b: ReadonlySet<string> | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.size === b.size && [...a].every((point) => b.has(point));
}
