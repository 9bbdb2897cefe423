import fc from "fast-check";
import { expect, it } from "vitest";
import { BuiltinFailure, type BuiltinContext } from "../run/builtin.ts";
import { GRAPHQL_BUILTINS } from "./graphql.ts";

const context: BuiltinContext = { nowNs: undefined, charge: () => undefined };

const call = (name: string, ...args: readonly string[]): unknown => {
  const [a = "", b = ""] = args;
  return GRAPHQL_BUILTINS[`graphql.${name}`]?.(context, a, b);
};

const pieces = fc.constantFrom(
  ..."{ } ( ) [ ] ! $ & : = @ | ... query fragment on a b Int 1 0.5 -".split(" "),
  '"t"',
  '"""',
  "#c\n",
);

it("never fails but as a built-in, whatever the documents hold", () => {
  const document = fc.array(pieces, { maxLength: 20 }).map((words) => words.join(" "));
  fc.assert(
    fc.property(document, fc.constantFrom("parse_query", "parse_schema", "parse"), (text, name) => {
      let failure: unknown = new BuiltinFailure("none");
      try {
        call(name, text, "type Query { a: Int }");
      } catch (reason) {
        failure = reason;
      }
      expect(failure).toBeInstanceOf(BuiltinFailure);
    }),
  );
});

it("is valid exactly where parsing and verifying succeeds", () => {
  const document = fc.array(pieces, { maxLength: 12 }).map((words) => `{ a ${words.join(" ")} }`);
  fc.assert(
    fc.property(document, (text) => {
      const verified = call("parse_and_verify", text, "type Query { a: Int }");
      expect(call("is_valid", text, "type Query { a: Int }")).toBe(Array.isArray(verified) && verified[0] === true);
    }),
  );
});

it("refuses documents nested too deep instead of overflowing", () => {
  expect(call("is_valid", `${"{ a ".repeat(5_000)}${"}".repeat(5_000)}`, "type Query { a: Query }")).toBe(false);
});

it("charges for comparing fields, of which there may be too many pairs", () => {
  let steps = 0;
  const counting: BuiltinContext = { nowNs: undefined, charge: (count) => (steps += count) };
  GRAPHQL_BUILTINS["graphql.is_valid"]?.(counting, `{ ${"a ".repeat(200)} }`, "type Query { a: Int }");
  expect(steps).toBeGreaterThan((200 * 199) / 2);
});
