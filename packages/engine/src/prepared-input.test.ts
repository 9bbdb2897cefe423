import { canonicalJson, type Input, type JsonValue } from "@cortexos/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { INPUT_BYTES_MAX, INPUT_DEPTH_MAX } from "./evaluator.ts";
import { prepareInput } from "./prepared-input.ts";

/** Any value as if it were an input: callers from JavaScript pass what they like. */
function prepare(value: unknown, text?: string): { value: JsonValue; text: string } | string {
  const prepared = prepareInput(value as Input, text);
  return typeof prepared === "string" ? "refused" : { value: prepared.value, text: prepared.text() };
}

function nested(depth: number): unknown {
  return JSON.parse(`${"[".repeat(depth)}${"]".repeat(depth)}`);
}

describe("prepareInput", () => {
  it("gives every JSON value as it is, with its canonical text", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const prepared = prepare(value);
        expect(prepared).toEqual({ value: JSON.parse(canonicalJson(value)), text: canonicalJson(value) });
      }),
    );
  });

  it("gives value and text that say the same, or refuses, whatever it is handed", () => {
    fc.assert(
      fc.property(fc.anything({ withDate: true, withNullPrototype: true, withSparseArray: true }), (value) => {
        const prepared = prepare(value);
        const agrees = typeof prepared === "string" || canonicalJson(prepared.value) === prepared.text;
        expect(agrees).toBe(true);
      }),
    );
  });

  it("doesn't copy an ordinary input, and takes a text that it is given", () => {
    const value = { a: [1, "é", null, true, { __proto__: null }] };
    const prepared = prepare(value, "given");
    expect(prepared).toEqual({ value, text: "given" });
    expect(typeof prepared === "string" ? undefined : prepared.value).toBe(value);
  });

  it.each([
    undefined,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1n,
    Symbol("x"),
    () => 1,
    "\ud800",
    { "\udc00": 1 },
    [undefined],
  ])("refuses %s", (value) => {
    expect(prepare(value)).toBe("refused");
    expect(prepare({ deep: [value] })).toBe("refused");
  });

  it("leaves out members that are undefined and makes plain what is not", () => {
    expect(prepare({ a: undefined, b: 1 })).toEqual({ value: { b: 1 }, text: '{"b":1}' });
    expect(Object.keys((prepare({ a: undefined }) as { value: object }).value)).toEqual([]);
    const inherits: unknown = Object.create({ inherited: 1 });
    expect(prepare({ inherits })).toEqual({ value: { inherits: {} }, text: '{"inherits":{}}' });
    const plain: unknown = prepare({ inherits });
    const { value } = plain as { value: { inherits: object } };
    expect(Object.getPrototypeOf(value.inherits)).toBe(Object.prototype);
    expect(prepare({ zero: -0 })).toEqual({ value: { zero: 0 }, text: '{"zero":0}' });
  });

  it("refuses what is nested too deeply, for whatever the text says", () => {
    expect(prepare(nested(INPUT_DEPTH_MAX))).not.toBe("refused");
    expect(prepare(nested(INPUT_DEPTH_MAX + 1))).toBe("refused");
    expect(prepare(nested(INPUT_DEPTH_MAX + 1), "[]")).toBe("refused");
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(prepare(cycle)).toBe("refused");
  });

  it("refuses exactly what is larger than the limit", () => {
    for (const character of ["x", "é", "\u0000", "😀"]) {
      const bytesEach = Buffer.byteLength(JSON.stringify(character)) - 2;
      const fits = character.repeat(Math.floor((INPUT_BYTES_MAX - 2) / bytesEach));
      expect(prepare(fits)).not.toBe("refused");
      expect(prepare(fits + character)).toBe("refused");
    }
    const numbers = Array.from({ length: 200_000 }, () => -1.2345678901234567e-30 / 3);
    expect(Buffer.byteLength(canonicalJson(numbers))).toBeGreaterThan(INPUT_BYTES_MAX);
    expect(prepare(numbers)).toBe("refused");
  });
});
