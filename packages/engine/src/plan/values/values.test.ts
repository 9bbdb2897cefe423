import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { add, ceiling, divide, multiply, remainder, subtract } from "./arithmetic.ts";
import { compare, compareStrings, equal } from "./compare.ts";
import { fromJs, NotAValue } from "./from-js.ts";
import { JsonSyntaxFailure, parseJson } from "./json-parse.ts";
import { jsonText } from "./json-text.ts";
import { hashOf } from "./keyed.ts";
import { numberFromText, numberText, RegoNumber, type NumberValue } from "./number.ts";
import { RegoObject } from "./object.ts";
import { regoText } from "./rego-text.ts";
import { RegoSet } from "./set.ts";
import { toJs } from "./to-js.ts";
import type { Value } from "./value.ts";

function number(text: string): NumberValue {
  const value = numberFromText(text);
  if (value === undefined) throw new TypeError(`not a number: ${text}`);
  return value;
}

const numbers = fc
  .oneof(
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }),
  )
  .map((value) => number(String(value)));
const scalars: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom<Value[]>(null, true, false, 1, number("1.0"), number("1e0"), "__proto__", "1"),
  numbers,
  fc.string({ unit: "grapheme" }),
);
const { value: values } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    scalars,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(tie("value"), { maxLength: 12 }).map((members) => RegoSet.of(members)),
    fc.array(fc.tuple(tie("value"), tie("value")), { maxLength: 4 }).map((entries) => RegoObject.of(entries)),
    fc.dictionary(fc.string(), tie("value"), { maxKeys: 4 }),
  ),
}));

describe("compare", () => {
  it("is a total order, in which equal means equal and equal values have equal hashes", () => {
    fc.assert(
      fc.property(values, values, values, (a, b, c) => {
        expect(Math.sign(compare(a, b))).toBe(-Math.sign(compare(b, a)) + 0);
        expect(compare(a, b) === 0).toBe(equal(a, b));
        expect(!equal(a, b) || hashOf(a) === hashOf(b)).toBe(true);
        const [least, middle, most] = [a, b, c].sort(compare).map((value) => value ?? null);
        expect(compare(least ?? null, most ?? null)).toBeLessThanOrEqual(0);
        expect(compare(least ?? null, middle ?? null)).toBeLessThanOrEqual(0);
      }),
    );
  });

  it("orders texts as their UTF-8 bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
        expect(Math.sign(compareStrings(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });
});

describe("RegoSet", () => {
  it("holds equal members once, however many there are, and gives them in order", () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 30 }), (members) => {
        const set = RegoSet.of([...members, ...members]);
        const unique = members.filter((member, index) => members.findIndex((other) => equal(other, member)) === index);
        expect(set.size).toBe(unique.length);
        expect(set.sorted()).toEqual(unique.toSorted(compare));
        expect(members.every((member) => set.has(member))).toBe(true);
      }),
    );
  });
});

describe("JSON", () => {
  it("loses nothing between text and value", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(toJs(parseJson(text))).toEqual(JSON.parse(text));
        expect(JSON.parse(jsonText(parseJson(text)))).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each(["1.0", "1e3", "-0", "12345678901234567890", "0.10", "1E5"])("keeps the text of %s", (text) => {
    expect(jsonText(parseJson(`[${text}]`))).toBe(`[${text}]`);
  });

  it.each(["", "[1,]", "{1:2}", "01", "1.", ".5", "+1", "NaN", "'a'", '"\n"', "[1] 2", '{"a"}', "\ufeff1", "1e400000"])(
    "refuses %j",
    (text) => {
      expect(() => parseJson(text)).toThrow(JsonSyntaxFailure);
    },
  );

  it("takes hostile keys for data and broken surrogates for U+FFFD", () => {
    expect(jsonText(parseJson('{"__proto__":{"x":1},"constructor":"\\ud800"}'))).toBe(
      '{"__proto__":{"x":1},"constructor":"\ufffd"}',
    );
    expect(Object.getPrototypeOf(toJs(parseJson('{"__proto__":{"x":1}}')))).toBe(Object.prototype);
  });

  it("prints sets sorted and other keys as their JSON", () => {
    const object = RegoObject.of([
      [RegoSet.of(["b", "a"]), 1],
      [number("1.0"), "<&>"],
    ]);
    expect(jsonText(object)).toBe('{"1.0":"\\u003c\\u0026\\u003e","[\\"a\\",\\"b\\"]":1}');
    expect(regoText(object)).toBe('{1.0: "<&>", {"a", "b"}: 1}');
  });
});

describe("fromJs", () => {
  it("gives parsed JSON back as it is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(fromJs(value)).toBe(value);
      }),
    );
  });

  it("mends what JSON can't hold, once", () => {
    let deep: unknown = "\ud800";
    for (let depth = 0; depth < 200; depth += 1) deep = { deep, plain: 1, left: undefined };
    expect(jsonText(fromJs(deep))).toContain("\ufffd");
    expect(regoText(fromJs({ m: new Map([[1, new Set(["x"])]]), big: 2n ** 70n }))).toBe(
      '{"big": 1180591620717411303424, "m": {1: {"x"}}}',
    );
  });

  it.each([[() => 1], [new Date(0)], [Number.NaN], [Symbol("s")], [[Infinity]]])("refuses %s", (value) => {
    expect(() => fromJs(value)).toThrow(NotAValue);
  });

  it("refuses a cycle", () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(() => fromJs(cycle)).toThrow(NotAValue);
  });
});

describe("arithmetic", () => {
  it("is exact on integers of any size", () => {
    const integers = fc.bigInt({ min: -(2n ** 130n), max: 2n ** 130n });
    fc.assert(
      fc.property(integers, integers, (a, b) => {
        const [x, y] = [number(String(a)), number(String(b))];
        expect(numberText(add(x, y))).toBe(String(a + b));
        expect(numberText(subtract(x, y))).toBe(String(a - b));
        expect(numberText(multiply(x, y))).toBe(String(a * b));
        const divisor = b === 0n ? 1n : b;
        expect(numberText(remainder(x, number(String(divisor))))).toBe(String(a % divisor));
      }),
    );
  });

  it.each([
    ["3.14159 - 3", subtract(number("3.14159"), 3), "0.14158999999999999993"],
    ["0 / -5", divide(0, -5), "-0"],
    ["1 / 3", divide(1, 3), "0.33333333333333333334"],
    ["1.0 + 1", add(number("1.0"), 1), "2"],
    ["ceil -0.5, as OPA has it", ceiling(number("-0.5")), "1"],
  ])("%s", (_, result, expected) => {
    expect(numberText(result)).toBe(expected);
  });

  it("keeps as a double only what a double keeps", () => {
    expect(number("0.5")).toBe(0.5);
    expect(number("0.50")).toBeInstanceOf(RegoNumber);
    expect(number("9007199254740993")).toBeInstanceOf(RegoNumber);
  });
});
