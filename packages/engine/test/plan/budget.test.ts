import { describe, expect, it } from "vitest";
import { createPlanEvaluator } from "../../src/plan/evaluator.ts";
import { compilePlan } from "./native.ts";

/** A fiftieth of the default, so that the tests are over soon. */
const STEPS_MAX = 200_000;

/** What the expressions feed on: as large as a message may be, no larger. */
const TEXT = "a".repeat(1_000_000);
const INPUT = {
  text: TEXT,
  short: "a".repeat(20_000),
  numbers: Array.from({ length: 3000 }, (_, index) => index),
  names: Array.from({ length: 3000 }, (_, index) => `name ${index}`),
  digits: "9".repeat(20_000),
  huge: "1e30000",
  wide: Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`key ${index}`, index])),
  deep: Array.from({ length: 2000 }).reduce((inner: unknown) => ({ a: inner }), 1),
  graph: Object.fromEntries(Array.from({ length: 30 }, (_, from) => [from, [from + 1, from + 2].map(String)])),
  networks: Array.from({ length: 2000 }, (_, index) => `10.${index >> 8}.${index & 255}.0/24`),
  patches: Array.from({ length: 3000 }, () => ({ op: "add", path: "/0", value: 1 })),
  copies: Array.from({ length: 40 }, (_, index) => ({ op: "copy", from: "", path: `/c${index}` })),
  aliases: `a0: &a0 [x, x]\n${Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]\n`).join("")}`,
  template: "{{range .xs}}{{range $.xs}}{{range $.xs}}x{{end}}{{end}}{{end}}",
  schema: {
    $ref: "#/definitions/a",
    definitions: { a: { allOf: [{ $ref: "#/definitions/b" }, { $ref: "#/definitions/b" }] } },
  },
};

/** `x0` doubled `count` times by an expression over `x`. */
function doubled(start: string, double: (previous: string) => string, count: number): string {
  const lines = Array.from({ length: count }, (_, index) => `x${index + 1} := ${double(`x${index}`)}`);
  return [`x0 := ${start}`, ...lines].join("\n");
}

/** A pair of the same value, which OPA can't know the type of: types too would double. */
const twice = (x: string): string => `object.get({"a": [${x}, ${x}]}, "a", 0)`;

const THRICE = "a := input.numbers[_]\nb := input.numbers[_]\nc := input.numbers[_]";
const TWICE = "a := input.numbers[_]\nb := input.numbers[_]";

/** Bodies that a policy and its input can be made to run away with, each by its own means. */
const HOSTILE: Readonly<Record<string, string>> = {
  "loops in loops": `${THRICE}\nx := (a + b) + c\nx < 0`,
  "a set built in loops": `x := {[a, b, c] | ${THRICE.replaceAll("\n", "; ")}}`,
  "an array built in loops": `x := [a | ${THRICE.replaceAll("\n", "; ")}]`,
  "an object built in loops": `x := {[a, b, c]: 1 | ${THRICE.replaceAll("\n", "; ")}}`,
  "concat doubling": doubled("input.text", (x) => `concat("", [${x}, ${x}])`, 40),
  "sprintf doubling": doubled("input.text", (x) => `sprintf("%s%[1]s", [${x}])`, 40),
  "sprintf with widths": 'f := replace(input.short, "a", "%1000000d")\nx := sprintf(f, input.numbers)',
  "array.concat doubling": doubled("input.numbers", (x) => `array.concat(${x}, ${x})`, 40),
  "replace multiplying": 'x := replace(input.text, "a", input.text)',
  "strings.replace_n multiplying": 'x := strings.replace_n({"a": input.text, "b": "c"}, input.text)',
  "regex.replace multiplying": "x := regex.replace(input.text, `a`, input.text)",
  "regex.replace with groups multiplying":
    'x := regex.replace(input.text, `(a{500})`, replace(input.short, "a", "$1"))',
  "regex.find_n searching to the end again and again": "x := regex.find_n(`a(?:.*b)?`, input.text, -1)",
  "regex.match with a large pattern": "x := regex.match(`(?:(?:[ab]{0,30}c?){0,30})$`, input.text)",
  "regex.match in loops": `${TWICE}\nregex.match("(a|b)*c", input.short)`,
  "regex.template_match in loops": `${TWICE}\nregex.template_match("urn:{(a|b)*}c", input.short, "{", "}")`,
  "regex.globs_match": `${TWICE}\nregex.globs_match(sprintf("[a-z]*%d", [a]), "[b-z]*[0-9]*")\na < 0`,
  "glob.match in loops": `${TWICE}\nglob.match("{*b,*c,*d}*e", [], input.short)`,
  "numbers.range": "x := numbers.range(1, 1000000000000)",
  "numbers.range_step": "x := numbers.range_step(1, 1000000000000, 2)",
  "net.cidr_expand of IPv4": 'x := net.cidr_expand("10.0.0.0/8")',
  "net.cidr_expand of IPv6": 'x := net.cidr_expand("2001:db8::/32")',
  "net.cidr_contains_matches": "x := net.cidr_contains_matches(input.networks, input.networks)",
  "graph.reachable_paths": 'x := graph.reachable_paths(input.graph, {"0"})',
  "graph.reachable in loops": `${TWICE}\nx := graph.reachable(input.graph, {"0"})\ncount(x) < 0`,
  "walk in loops": `${TWICE}\nwalk(input.deep, [p, v])\nv == a + 10000`,
  "json.patch inserting": "some a in input.numbers\nx := json.patch(input.names, input.patches)\ncount(x) < 0",
  "json.patch copying the whole into itself": "x := json.patch({}, input.copies)\ny := json.marshal(x)",
  "json.filter in loops": `${TWICE}\nx := json.filter(input.wide, ["key 1"])\nx == input.none`,
  "json.remove in loops": `${TWICE}\nx := json.remove(input.wide, ["key 1"])\nx == input.none`,
  "object.union in loops": `${TWICE}\nx := object.union(input.wide, {"a": a})\nx == input.none`,
  "object.union_n": "x := object.union_n([input.wide | input.numbers[_]])",
  "object.keys in loops": `${TWICE}\nx := object.keys(input.wide)\nx == input.none`,
  "object.subset of arrays":
    "x := object.subset([1 | some y in numbers.range(1, 20000)], array.concat([1 | some y in numbers.range(1, 10000)], [2]))",
  "union of sets in loops": `y := {n | some n in input.names}\n${TWICE}\nx := y | {a}\nx == input.none`,
  "values that hold themselves twice, compared": `${doubled("[input.short]", twice, 60)}\n${doubled("[input.short]", twice, 60).replaceAll("x", "y")}\nx60 == y60`,
  "values that hold themselves twice, in a set": `${doubled('["a"]', twice, 60)}\nz := {n | some n in input.numbers} | {x60}\nx60 in z`,
  "values that hold themselves twice, marshalled": `${doubled('["a"]', twice, 60)}\ny := json.marshal(x60)`,
  "values that hold themselves twice, printed": `${doubled('["a"]', twice, 60)}\ny := sprintf("%v", [x60])`,
  "values that hold themselves twice, walked": `${doubled('["a"]', twice, 60)}\nwalk(x60, [p, v])\nv == 1`,
  "numbers doubling their digits": doubled("json.unmarshal(input.digits)", (x) => `${x} * ${x}`, 40),
  product: "x := product([n | n := json.unmarshal(input.digits); input.numbers[_]])",
  "bits.lsh": `${TWICE}\nx := bits.lsh(1, 900000)\nx < 0`,
  "huge exponents": `${TWICE}\nx := json.unmarshal(input.huge) + 1\nx < 0`,
  "huge exponents compared": `${TWICE}\njson.unmarshal(input.huge) == json.unmarshal("1.5e29000")`,
  "format_int of huge exponents": `${TWICE}\nx := format_int(json.unmarshal(input.huge), 2)\nx == input.none`,
  "yaml.unmarshal of aliases": "x := yaml.unmarshal(input.aliases)",
  "strings.render_template": 'x := strings.render_template(input.template, {"xs": input.numbers})',
  "strings.any_prefix_match in loops":
    'some a in input.numbers\nstrings.any_prefix_match(input.names, [sprintf("x%d", [n]) | some n in input.numbers])',
  "sort in loops": `${TWICE}\nx := sort(input.names)\nx == input.none`,
  "split in loops": `${TWICE}\nx := split(input.text, "b")\nx == a`,
  "base64 in loops": `${TWICE}\nx := base64.encode(input.text)\nx == a`,
  "crypto in loops": `${TWICE}\nx := crypto.sha256(input.text)\nx == a`,
  "counting letters in loops": `${TWICE}\ncount(input.text) < a`,
  "upper in loops": `${TWICE}\nx := upper(input.text)\nx == a`,
  "lower in loops": `${TWICE}\nx := lower(input.text)\nx == a`,
  "membership in loops": `${TWICE}\n[a] in input.names`,
  "members of an object in loops": `${TWICE}\n-1 in input.wide`,
};

function moduleOf(bodies: readonly string[]): string {
  return `package t\n\n${bodies.map((body, index) => `r${index} if {\n${body}\n}\n`).join("\n")}`;
}

const names = Object.keys(HOSTILE);
const plan = compilePlan(
  moduleOf(Object.values(HOSTILE)),
  names.map((_, index) => `t/r${index}`),
);

describe.each(["compiled", "interpreted"] as const)("a runaway evaluation, %s", (mode) => {
  const evaluator = createPlanEvaluator(plan, {}, { mode });

  it.each(names.map((name, index) => [name, index] as const))(
    "ends by its budget: %s",
    (_, index) => {
      const before = process.memoryUsage.rss();
      expect(() => evaluator.evaluate(`t/r${index}`, INPUT, { stepsMax: STEPS_MAX })).toThrow(
        expect.objectContaining({ code: "evaluation.budget" }),
      );
      expect(process.memoryUsage.rss() - before).toBeLessThan(MEMORY_BYTES_MAX);
    },
    60_000,
  );
});

const MEMORY_BYTES_MAX = 300_000_000;
