import { expect, it } from "vitest";
import type { BuiltinContext } from "../run/builtin.ts";
import { fromJs } from "../values/from-js.ts";
import { toJs } from "../values/to-js.ts";
import { JSON_SCHEMA_BUILTINS } from "./json-schema.ts";

const context: BuiltinContext = { nowNs: undefined, charge: () => undefined };

function call(name: string, ...args: readonly unknown[]): unknown {
  const [a = null, b = null] = args.map((arg) => fromJs(arg));
  const result = JSON_SCHEMA_BUILTINS[`json.${name}`]?.(context, a, b);
  return result === undefined ? undefined : toJs(result);
}

it("tells where and why a document doesn't match", () => {
  const schema = { properties: { a: { items: { type: "string" } } }, required: ["b"] };
  const errors = [
    { error: "(Root): b is required", type: "required", field: "(Root)", desc: "b is required" },
    {
      error: "a.0: Invalid type. Expected: string, given: integer",
      type: "invalid_type",
      field: "a.0",
      desc: "Invalid type. Expected: string, given: integer",
    },
  ];
  expect(call("match_schema", { a: [1] }, schema)).toEqual([false, errors]);
  expect(call("match_schema", { a: ["x"], b: 1 }, schema)).toEqual([true, []]);
});

it("fetches nothing", () => {
  const url = "http://example.org/schema.json";
  expect(call("verify_schema", { $ref: url })).toEqual([
    false,
    `jsonschema: remote reference loading disabled: ${url}`,
  ]);
});

it("takes members with the names of JS's own for what they are", () => {
  const schema: unknown = JSON.parse(
    '{"properties": {"__proto__": {"type": "string"}, "constructor": {"type": "string"}}}',
  );
  const document: unknown = JSON.parse('{"__proto__": 1}');
  expect(call("match_schema", document, schema)).toMatchObject([false, [{ field: "__proto__" }]]);
  expect(call("match_schema", {}, { required: ["constructor"] })).toMatchObject([false, [{ type: "required" }]]);
});

it("refuses a schema nested too deep, and charges for one that calls itself", () => {
  let nested: unknown = {};
  for (let depth = 0; depth < 2_000; depth += 1) nested = { not: nested };
  expect(call("verify_schema", nested)).toEqual([false, "jsonschema: schema is nested too deep"]);
  let steps = 0;
  const counting: BuiltinContext = { nowNs: undefined, charge: (count) => (steps += count) };
  const schema = fromJs({
    definitions: { a: { items: { allOf: [{ $ref: "#/definitions/a" }, { $ref: "#/definitions/a" }] } } },
    $ref: "#/definitions/a",
  });
  JSON_SCHEMA_BUILTINS["json.match_schema"]?.(counting, fromJs([[[[[[[[[[]]]]]]]]]]), schema);
  expect(steps).toBeGreaterThan(2 ** 9);
});
