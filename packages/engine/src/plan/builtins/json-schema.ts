import type { UncheckedBuiltin } from "../run/builtin.ts";
import { JsonSyntaxFailure, parseJson } from "../values/json-parse.ts";
import { RegoObject } from "../values/object.ts";
import { toJsonValue } from "../values/to-js.ts";
import { isObject, type Value } from "../values/value.ts";
import { compileSchema } from "./json-schema/compile-schema.ts";
import { ROOT } from "./json-schema/outcome.ts";
import { SchemaFailure } from "./json-schema/sub-schema.ts";
import { Validation } from "./json-schema/validation.ts";
import { fails } from "./operands.ts";

/** JSON Schema, drafts 4, 6 and 7. */
export const JSON_SCHEMA_BUILTINS: Readonly<Record<string, UncheckedBuiltin>> = {
  "json.verify_schema": ({ charge }, schema: Value) => {
    const failure = failureOf(() => compileSchema(documentOf(schema), charge));
    return failure === undefined ? [true, null] : [false, `jsonschema: ${failure}`];
  },
  "json.match_schema": ({ charge }, document: Value, schema: Value) => {
    let errors: Value[] = [];
    const failure = failureOf(() => {
      const node = documentOf(document);
      const outcome = new Validation(charge).check({
        schema: compileSchema(documentOf(schema), charge),
        node,
        place: ROOT,
      });
      errors = outcome.errors.map(({ type, field, description }) =>
        RegoObject.of([
          ["error", `${field}: ${description}`],
          ["type", type],
          ["field", field],
          ["desc", description],
        ]),
      );
    });
    return failure === undefined ? [errors.length === 0, errors] : fails(failure);
  },
};

/** A document as JSON's types: parsed when it is a text. */
function documentOf(value: Value): Value {
  if (isObject(value) || Array.isArray(value)) return toJsonValue(value);
  if (typeof value !== "string") throw new SchemaFailure("wrong type, expected string or object");
  try {
    return parseJson(value);
  } catch (reason) {
    if (!(reason instanceof JsonSyntaxFailure)) throw reason;
    throw new SchemaFailure("invalid JSON string");
  }
}

/** Why something can't be done; undefined when it was. */
function failureOf(run: () => void): string | undefined {
  try {
    run();
    return undefined;
  } catch (reason) {
    if (reason instanceof SchemaFailure) return reason.message;
    throw reason;
  }
}
