import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findJsonFault } from "./json-fault.ts";

describe("findJsonFault", () => {
  it("finds nothing in what JSON.parse takes, and something in what it doesn't", () => {
    expect.hasAssertions();
    const almost = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom("", ",", "}", "x", '"', "0", "\\", "\t", "\u007f"))
      .map(([text, n, bad]) => {
        const at = n % (text.length + 1);
        return text.slice(0, at) + bad + text.slice(at);
      });
    fc.assert(
      fc.property(almost, (text) => {
        expect(findJsonFault(text) === undefined).toBe(parses(text));
      }),
    );
  });

  it.each([
    ['{"a": x}', 6, "expected a value, found `x`"],
    ['{"a": 1', 7, "expected `,` or `}`, found the end of the file"],
    ['{"a": 1,}', 8, "expected a key in double quotes, found `}`"],
    ["{'a': 1}", 1, "expected a key in double quotes, found `'`"],
    ['{"a" 1}', 5, "expected `:`, found `1`"],
    ["[1 2]", 3, "expected `,` or `]`, found `2`"],
    ["{} {}", 3, "expected the end of the file, found `{`"],
    ["", 0, "expected a value, found the end of the file"],
  ])("points into %s", (text, at, message) => {
    expect(findJsonFault(text)).toEqual({ at, message });
  });
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
