import { describe, expect, it } from "vitest";
import { readOpaErrors } from "./opa-errors.ts";

const json = (error: unknown): string => JSON.stringify({ errors: [error] });
const location = { file: "a.rego", row: 2, col: 3 };

describe("readOpaErrors", () => {
  it("reads OPA's JSON", () => {
    expect(readOpaErrors(json({ message: "rego\n  broken", code: "rego_parse_error", location }))).toEqual([
      { file: "a.rego", row: 2, col: 3, code: "rego_parse_error", message: "rego broken" },
    ]);
  });

  it("counts from 1 where OPA says 0 or nothing", () => {
    expect(readOpaErrors(json({ message: "x", location: { file: "a.rego", row: 4, col: 0 } }))).toMatchObject([
      { row: 4, col: 1 },
    ]);
    expect(readOpaErrors(json({ message: "x" }))).toMatchObject([{ file: ".", row: 1, col: 1 }]);
  });

  it("names the fields that there are", () => {
    const error = {
      message: "undefined ref: input.x",
      code: "rego_type_error",
      location,
      details: { oneOf: ["a", "b"] },
    };
    expect(readOpaErrors(json(error))).toMatchObject([{ message: "undefined ref: input.x; there are a, b" }]);
  });

  it("says why a built-in that reaches outside is not there", () => {
    const error = { message: "undefined function http.send", code: "rego_type_error", location };
    expect(readOpaErrors(json(error))[0]?.message).toMatch(/^`http\.send` can answer differently each time/);
  });

  it("reads lines of text", () => {
    const text = "1 error occurred: m.rego:2: rego_type_error: undefined ref: {}.x\n\t{}.x\n\t   ^\n";
    expect(readOpaErrors(text)).toEqual([
      { file: "m.rego", row: 2, col: 1, code: "rego_type_error", message: "undefined ref: {}.x" },
    ]);
  });

  it("keeps what it can't read as one line", () => {
    expect(readOpaErrors("panic:\n  something\n")).toEqual([
      { file: ".", row: 1, col: 1, code: "opa", message: "panic: something" },
    ]);
    expect(readOpaErrors("")).toEqual([]);
  });
});
