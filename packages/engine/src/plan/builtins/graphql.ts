import { BuiltinFailure, type BuiltinContext, type UncheckedBuiltin } from "../run/builtin.ts";
import { toJsonValue } from "../values/to-js.ts";
import { RegoObject } from "../values/object.ts";
import { isObject, type Value } from "../values/value.ts";
import type { QueryDocument, SchemaDocument } from "./graphql/ast.ts";
import { dumpDocument } from "./graphql/dump.ts";
import { GraphqlFailure } from "./graphql/failure.ts";
import { parseQuery } from "./graphql/parse-query.ts";
import { parseSchema } from "./graphql/parse-schema.ts";
import { readQueryTree, readSchemaTree } from "./graphql/read-tree.ts";
import { buildSchema, type Schema } from "./graphql/schema.ts";
import { faultsOfQuery } from "./graphql/validate-query.ts";
import { fails, stringOperand, wrongType } from "./operands.ts";

/** GraphQL queries and schemas as syntax trees, and whether they are valid. */
export const GRAPHQL_BUILTINS: Readonly<Record<string, UncheckedBuiltin>> = {
  "graphql.parse": (context, query: Value, schema: Value) => orFail(() => parse(context, query, schema)),
  "graphql.parse_and_verify": (context, query: Value, schema: Value) => {
    const parsed =
      isDocument(query) && isDocument(schema) ? orUndefined(() => parse(context, query, schema)) : undefined;
    return parsed === undefined ? [false, new RegoObject(), new RegoObject()] : [true, ...parsed];
  },
  "graphql.parse_query": (context, query: Value) => {
    const text = stringOperand(query, 1);
    return orFail(() => dumpDocument(parseQuery(text, context.charge)));
  },
  "graphql.parse_schema": (context, schema: Value) => {
    const text = stringOperand(schema, 1);
    return orFail(() => dumpDocument(parseOwnSchema(context, text)));
  },
  "graphql.is_valid": (context, query: Value, schema: Value) => {
    if (!isDocument(query) || !isDocument(schema)) return false;
    const check = (): boolean => {
      const document = queryOf(context, query);
      return faultsOfQuery(buildOwnSchema(context, schemaOf(context, schema)), document, context.charge) === "";
    };
    return orUndefined(check) ?? false;
  },
  "graphql.schema_is_valid": (context, schema: Value) => {
    if (!isDocument(schema)) return false;
    return orUndefined(() => buildOwnSchema(context, schemaOf(context, schema))) !== undefined;
  },
};

/** The trees of a query and of the schema that it is valid for. */
function parse(context: BuiltinContext, query: Value, schema: Value): [Value, Value] {
  const document = queryOf(context, query);
  const schemaDocument = schemaOf(context, schema);
  const schemaTree = dumpDocument(schemaDocument);
  const built = buildOwnSchema(context, schemaDocument);
  const queryTree = dumpDocument(document);
  const faults = faultsOfQuery(built, document, context.charge);
  if (faults !== "") fails(placedLast(faults));
  return [queryTree, schemaTree];
}

function queryOf({ charge }: BuiltinContext, query: Value): QueryDocument {
  if (typeof query === "string") return parseQuery(query, charge);
  return isObject(query) ? readQueryTree(toJsonValue(query)) : wrongType(0, query, "string", "object");
}

function schemaOf(context: BuiltinContext, schema: Value): SchemaDocument {
  if (typeof schema === "string") return parseOwnSchema(context, schema);
  return isObject(schema) ? readSchemaTree(toJsonValue(schema)) : wrongType(1, schema, "string", "object");
}

function parseOwnSchema({ charge }: BuiltinContext, text: string): SchemaDocument {
  return parseSchema(text, { file: "", isBuiltIn: false, charge });
}

function buildOwnSchema({ charge }: BuiltinContext, document: SchemaDocument): Schema {
  try {
    return buildSchema(document, charge);
  } catch (reason) {
    if (!(reason instanceof GraphqlFailure)) throw reason;
    throw new SchemaFailure(`Error in gqlparser SchemaDocument to Schema conversion: ${reason.text}`);
  }
}

/** A schema is GraphQL and isn't valid, which OPA says in other words. */
class SchemaFailure extends Error {
  override readonly name = "SchemaFailure";
}

function isDocument(value: Value): boolean {
  return typeof value === "string" || isObject(value);
}

function orFail<T>(run: () => T): T {
  try {
    return run();
  } catch (reason) {
    if (reason instanceof GraphqlFailure) return fails(placedLast(reason.text));
    if (reason instanceof SchemaFailure) return fails(reason.message);
    throw reason;
  }
}

function orUndefined<T>(run: () => T): T | undefined {
  try {
    return orFail(run);
  } catch (reason) {
    if (reason instanceof BuiltinFailure) return undefined;
    throw reason;
  }
}

/** `input:<line>:<column>: <message>` as OPA turns it round. */
function placedLast(text: string): string {
  const match = /^[^:]*:(\d+):(\d+):\s*([\s\S]*)$/.exec(text);
  if (match === null) return `GraphQL parse error: ${text}`;
  const [, line = "", column = "", message = ""] = match;
  return `${message.replace(/\.\n$/, "")} in GraphQL string at location ${line}:${column}`;
}
