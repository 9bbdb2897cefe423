import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { parseJsonSource } from "./json-source.ts";

const parse = (text: string): unknown => parseJsonSource("pack/data.json", Buffer.from(text), "compiler.data");

describe("parseJsonSource", () => {
  it("gives the value", () => {
    expect(parse('{"a": [1, null]}')).toEqual({ a: [1, null] });
  });

  it.each([
    ["a token that is wrong", '{\n  "a": x\n}', /^pack\/data\.json:2:8: not JSON: /],
    ["a text that ends early", '{\n  "a": 1', /^pack\/data\.json:2:9: not JSON: /],
    ["a comma too many", '{"a": 1,}', /^pack\/data\.json:1:9: not JSON: /],
    ["a key twice", '{"a": 1, "a": 2}', /^pack\/data\.json:1:1: an object has a key twice$/],
    ["a number that no double holds", '{"a": 9007199254740993}', /^pack\/data\.json:1:1: a number doesn't fit/],
  ])("names the place of %s", (_, text, message) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ code: "compiler.data", message: expect.stringMatching(message) }),
    );
  });
});
