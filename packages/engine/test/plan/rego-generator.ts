import fc from "fast-check";
import { EXPRESSIONS } from "./builtin-expressions.ts";

// Random policies over a small input: few names and few values, so that rules meet, conflict and depend on each other.

const text = fc.constantFrom("a", "b", "job.a.run", "job.b.run", "sys.x", "\u00e9", "__proto__");
const path = fc.constantFrom(
  "input.a",
  "input.b",
  "input.m.subject",
  "input.m.n",
  "input.xs",
  "input.o",
  "data.d.list",
  "data.d.map",
  "input.o.a",
);
const scalar = fc.oneof(
  fc.constantFrom("0", "1", "1.0", "-2", "0.5", "1e2", "12345678901234567890", "true", "false", "null"),
  text.map((value) => JSON.stringify(value)),
);
/** Conditions that refer to some other rules; OPA refuses those that would come back to themselves. */
function bodyOf(references: readonly string[]): fc.Arbitrary<string> {
  const operand = fc.oneof(
    { weight: 5, arbitrary: path },
    { weight: 4, arbitrary: scalar },
    { weight: 2, arbitrary: fc.constantFrom("f(input.a)", "f(input.m.n)", ...references) },
  );
  const comparison = fc
    .tuple(operand, fc.constantFrom("==", "!=", "<", "<=", ">", ">="), operand)
    .map(([a, operator, b]) => `${a} ${operator} ${b}`);
  const collection = collectionOf(references);
  const truth = references.includes("p0") ? "p0" : "input.a";
  const condition = fc.oneof(
    { weight: 4, arbitrary: comparison },
    { weight: 3, arbitrary: text.map((value) => `input.m.subject == ${JSON.stringify(value)}`) },
    { weight: 2, arbitrary: text.map((value) => `startswith(input.m.subject, ${JSON.stringify(value)})`) },
    { weight: 1, arbitrary: comparison.map((expression) => `not ${expression}`) },
    { weight: 1, arbitrary: fc.tuple(operand, collection).map(([a, xs]) => `${a} in ${xs}`) },
    {
      weight: 1,
      arbitrary: fc.tuple(collection, scalar).map(([xs, value]) => `some k0, v0 in ${xs}; v0 != ${value}; k0 != 7`),
    },
    { weight: 1, arbitrary: fc.tuple(collection, scalar).map(([xs, value]) => `every x in ${xs} { x != ${value} }`) },
    {
      weight: 1,
      arbitrary: fc.tuple(comparison, scalar).map(([expression, value]) => `${expression} with input.a as ${value}`),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(comparison, path).map(([expression, value]) => `${expression} with input as ${value}`),
    },
    {
      weight: 1,
      arbitrary: scalar.map(
        (value) => `${truth} with data.d.map as {"a": ${value}} with input.m.subject as "job.a.run"`,
      ),
    },
    { weight: 2, arbitrary: fc.constantFrom(...CALLS) },
    { weight: 2, arbitrary: fc.constantFrom(...PATTERNS) },
    { weight: 2, arbitrary: everyBuiltin },
  );
  return fc.uniqueArray(condition, { minLength: 1, maxLength: 3 }).map((lines) =>
    lines
      .map((line) => `\t${line}`)
      .filter(onlyOneWalk)
      .join("\n"),
  );
}

const CALLS = [
  "count([x | some x in input.xs]) > 1",
  'glob.match("job.*.run", ["."], input.m.subject)',
  "regex.match(`^job`, input.m.subject)",
  "sum(input.xs) > 2",
  "plus(input.a, 1) > 1",
  'upper(input.b) == "B"',
  "x0 := input.m",
  "x1 := input.o.a",
  'object.get(input, ["m", "n"], 0) == 0',
  "walk(input.o, [_, w]); w == 1",
];

/** What is taken apart by its shape. */
const PATTERNS = [
  "[x2, _] = input.xs",
  '{"a": x3} = input.o',
  '[{"a": x4}, 1] = [input.o, input.a]',
  "{x5 | some x5 in input.xs} == {1, 2}",
  '{x6: 1 | some x6 in ["a", input.b]}[input.a]',
  "count(data.d) > 1",
  "data.d[input.b]",
  "object.union(data.d.map, {input.b: 1})[_] == 1",
  '$"{input.a}" == "1"',
  "input.a + 0 == input.m.n",
];

/** Any built-in at all: how many values it gives, none when it fails. */
const everyBuiltin = fc
  .constantFrom(...Object.values(EXPRESSIONS).flat())
  .map((expression) => `count([b0 | b0 := ${expression}]) == 1`);

/** `some k0` may be said once in a body. */
function onlyOneWalk(line: string, index: number, lines: readonly string[]): boolean {
  const name = /some k0|walk/.exec(line)?.[0];
  return name === undefined || lines.findIndex((other) => other.includes(name)) === index;
}

function collectionOf(references: readonly string[]): fc.Arbitrary<string> {
  const sets = references.filter((name) => name === "q" || name === "r");
  return fc.constantFrom(
    "input.xs",
    "input.o",
    "data.d.list",
    "data.d.map",
    "[1, 2, 1]",
    '{"a", "b", 1}',
    "input",
    ...sets,
  );
}

const REFERENCES = { p0: [], q: ["p0"], r: ["p0", "q"], rest: ["p0", "q", "r", "r.a"] } as const;
const rest = bodyOf(REFERENCES.rest);

/** A test by which rules are found; one value in many has no such test. */
const selector = fc.oneof(
  { weight: 5, arbitrary: text.map((value) => `\tinput.m.subject == ${JSON.stringify(value)}\n`) },
  {
    weight: 4,
    arbitrary: text.map((value) => `\tstartswith(input.m.subject, ${JSON.stringify(value.slice(0, 3))})\n`),
  },
  { weight: 1, arbitrary: fc.constant("") },
);

/** Many rules of one name, so that an index is worth having. */
const selected: fc.Arbitrary<string> = fc
  .array(fc.tuple(selector, scalar, rest), { minLength: 5, maxLength: 9 })
  .chain((rules) =>
    fc
      .constantFrom("s contains", "g :=")
      .map((head) =>
        rules
          .map(([test, value, lines]) =>
            head === "g :=" ? `g := ${value} if {\n${test}${lines}\n}` : `s contains ${value} if {\n${test}${lines}\n}`,
          )
          .join("\n\n"),
      ),
  );

const rule: fc.Arbitrary<string> = fc.oneof(
  selected,
  bodyOf(REFERENCES.p0).map((lines) => `p0 if {\n${lines}\n}`),
  fc.tuple(scalar, bodyOf(REFERENCES.q)).map(([value, lines]) => `q contains ${value} if {\n${lines}\n}`),
  fc
    .tuple(text, scalar, bodyOf(REFERENCES.r))
    .map(([key, value, lines]) => `r[${JSON.stringify(key)}] := ${value} if {\n${lines}\n}`),
  fc
    .tuple(scalar, rest, scalar, rest)
    .map(([a, first, b, second]) => `e := ${a} if {\n${first}\n} else := ${b} if {\n${second}\n}`),
  fc.tuple(scalar, rest).map(([value, lines]) => `c := ${value} if {\n${lines}\n}`),
  collectionOf(REFERENCES.rest).map((xs) => `all_of := [[k, v] | some k, v in ${xs}]`),
  collectionOf(REFERENCES.rest).map((xs) => `objects := {sprintf("%v", [k]): v | some k, v in ${xs}}`),
);

/** Several rules of a package `t`; recursive ones are OPA's to refuse. */
export const policies: fc.Arbitrary<string> = fc.array(rule, { minLength: 4, maxLength: 14 }).map((rules) => {
  const unique = rules.filter(
    (text_, index) =>
      !/^(all_of|objects|e) /.test(text_) ||
      rules.findIndex((other) => other.startsWith(text_.split(" ", 1)[0] ?? "")) === index,
  );
  return `package t\n\ndefault p0 := false\n\nf(x) := x if x != 1\n\nf(x) := 7 if x == 1\n\nq contains 0 if input.q\n\nr.zero := 0 if input.r\n\n${unique.join("\n\n")}\n`;
});

const value: fc.Arbitrary<unknown> = fc.constantFrom<unknown[]>(
  0,
  1,
  -2,
  0.5,
  100,
  "a",
  "b",
  "job.a.run",
  "sys.x.y",
  null,
  true,
  [1, 2],
  { a: 1 },
  [],
  {},
  "\u00e9",
);

export const inputs: fc.Arbitrary<unknown> = fc.record(
  {
    a: value,
    b: value,
    m: fc.oneof(
      { weight: 4, arbitrary: fc.record({ subject: value, n: value }, { requiredKeys: [] }) },
      { weight: 1, arbitrary: value },
    ),
    xs: fc.oneof(fc.array(value, { maxLength: 4 }), value),
    o: fc.oneof(fc.dictionary(text, value, { maxKeys: 3 }), value),
  },
  { requiredKeys: [] },
);

export const DATA = { d: { list: ["a", 1, "b", null], map: { b: 1, a: "a", "\u00e9": [1] } } };
