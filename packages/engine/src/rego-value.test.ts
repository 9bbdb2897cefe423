import fc from "fast-check";
import { expect, it } from "vitest";
import { jsonText } from "./plan/values/json-text.ts";
import { regoText } from "./plan/values/rego-text.ts";
import { formatRegoValue, parseRegoValue } from "./rego-value.ts";

it("parses all JSON as JSON", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      fc.pre(!text.includes("-0"));
      expect(JSON.parse(jsonText(parseRegoValue(text)))).toEqual(JSON.parse(text.toWellFormed()));
    }),
  );
});

it.each([
  ["set()", "set()"],
  ["{1,2}", "{1, 2}"],
  ['{"a"}', '{"a"}'],
  ["{}", "{}"],
  ['{[1]:{"a":set()},2:3}', '{2: 3, [1]: {"a": set()}}'],
  ['{"b":{{1}}, "a" : [ ]}', '{"a": [], "b": {{1}}}'],
  ["12345678901234567890", "12345678901234567890"],
])("parses %s as OPA prints terms: %s", (text, printed) => {
  expect(regoText(parseRegoValue(text))).toBe(printed);
  expect(regoText(parseRegoValue(formatRegoValue(parseRegoValue(text))))).toBe(printed);
});

it.each(["", "{", "{1", "{1:", "{1:2,3}", "[1,]", "1 2", "tru", '"a', "set(", "undefined", "1.2.3"])(
  "refuses %j",
  (text) => {
    expect(() => parseRegoValue(text)).toThrow(SyntaxError);
  },
);
