import { compareStrings } from "../../values/compare.ts";
import type {
  Definition,
  DirectiveDefinition,
  FieldDefinition,
  SchemaDefinition,
  SchemaDocument,
  Type,
} from "./ast.ts";
import { checkDefinition } from "./check-definition.ts";
import { checkDirectives, checkDirectiveDefinition } from "./check-directives.ts";
import { checkInputCycles } from "./check-input-cycles.ts";
import { refuseGraphql } from "./failure.ts";
import { parseSchema } from "./parse-schema.ts";
import { PRELUDE } from "./prelude.ts";

/** A schema that queries can be held against. */
export interface Schema {
  readonly query: Definition | undefined;
  readonly mutation: Definition | undefined;
  readonly subscription: Definition | undefined;
  readonly types: ReadonlyMap<string, Definition>;
  readonly directives: ReadonlyMap<string, DirectiveDefinition>;
  /** Object types that an interface, a union or the type itself stands for. */
  readonly possibleTypes: ReadonlyMap<string, readonly (Definition | undefined)[]>;
}

/** The root type of a kind of operation; an operation without one is a query. */
export function rootType(schema: Schema, operation: string): Definition | undefined {
  if (operation === "mutation") return schema.mutation;
  if (operation === "subscription") return schema.subscription;
  return operation === "query" || operation === "" ? schema.query : undefined;
}

/**
 * Checks a schema document, with GraphQL's own types, and makes a schema of it.
 *
 * @throws GraphqlFailure
 */
export function buildSchema(own: SchemaDocument, charge: (steps: number) => void): Schema {
  const prelude = parseSchema(PRELUDE, { file: "prelude.graphql", isBuiltIn: true, charge });
  const document = merge(prelude, own);
  const types = extendedTypes(document);
  const directives = directivesByName(document);
  const draft: Draft = { types, directives, possibleTypes: possibleTypesOf(types), roots: new Map() };
  readRoots(document, draft);
  const names = [...types.keys()].sort(compareStrings);
  for (const name of names) {
    charge(1);
    const definition = types.get(name);
    if (definition !== undefined) checkDefinition(definition, draft);
  }
  checkInputCycles(names, types);
  for (const name of [...directives.keys()].sort(compareStrings)) {
    const directive = directives.get(name);
    if (directive !== undefined) checkDirectiveDefinition(directive, draft);
  }
  return finish(document, draft);
}

/** A schema while it is being checked. */
export interface Draft {
  readonly types: ReadonlyMap<string, Definition>;
  readonly directives: ReadonlyMap<string, DirectiveDefinition>;
  readonly possibleTypes: ReadonlyMap<string, readonly (Definition | undefined)[]>;
  readonly roots: Map<string, Definition>;
}

function merge(a: SchemaDocument, b: SchemaDocument): SchemaDocument {
  return {
    schema: [...a.schema, ...b.schema],
    schemaExtension: [...a.schemaExtension, ...b.schemaExtension],
    directives: [...a.directives, ...b.directives],
    definitions: [...a.definitions, ...b.definitions],
    extensions: [...a.extensions, ...b.extensions],
  };
}

/** Types by name, in their order, with their extensions. What only is extended becomes a type. */
function extendedTypes({ definitions, extensions }: SchemaDocument): Map<string, Definition> {
  const types = new Map<string, Definition>();
  for (const definition of definitions) {
    if (types.has(definition.name)) refuseGraphql(`Cannot redeclare type ${definition.name}.`, definition.position);
    types.set(definition.name, definition);
  }
  for (const extension of extensions) {
    const base = types.get(extension.name);
    if (base !== undefined && base.kind !== extension.kind) {
      const message = `Cannot extend type ${base.name} because the base type is a ${base.kind}, not ${extension.kind}.`;
      refuseGraphql(message, extension.position);
    }
    types.set(extension.name, base === undefined ? { ...extension, builtIn: false } : extend(base, extension));
  }
  return types;
}

function extend(base: Definition, extension: Definition): Definition {
  return {
    ...base,
    directives: [...base.directives, ...extension.directives],
    interfaces: [...base.interfaces, ...extension.interfaces],
    fields: [...base.fields, ...extension.fields],
    types: [...base.types, ...extension.types],
    typePositions: [...(base.typePositions ?? []), ...(extension.typePositions ?? [])],
    enumValues: [...base.enumValues, ...extension.enumValues],
  };
}

function possibleTypesOf(types: ReadonlyMap<string, Definition>): Map<string, (Definition | undefined)[]> {
  const possible = new Map<string, (Definition | undefined)[]>();
  const add = (name: string, definition: Definition | undefined): void => {
    const known = possible.get(name);
    if (known === undefined) possible.set(name, [definition]);
    else known.push(definition);
  };
  for (const definition of types.values()) {
    const { kind, name } = definition;
    if (kind === "UNION") for (const member of definition.types) add(name, types.get(member));
    if (kind === "INPUT_OBJECT" || kind === "OBJECT" || kind === "INTERFACE") {
      for (const parent of definition.interfaces) add(parent, definition);
    }
    if (kind === "INPUT_OBJECT" || kind === "OBJECT") add(name, definition);
  }
  return possible;
}

/** Directives that a schema may define again. */
const STANDARD_DIRECTIVES = new Set(["include", "skip", "deprecated", "specifiedBy", "defer", "oneOf"]);

function directivesByName(document: SchemaDocument): Map<string, DirectiveDefinition> {
  const directives = new Map<string, DirectiveDefinition>();
  for (const directive of document.directives) {
    const { name, position } = directive;
    if (directives.has(name) && !STANDARD_DIRECTIVES.has(name)) {
      refuseGraphql(`Cannot redeclare directive ${name}.`, position);
    }
    directives.set(name, directive);
  }
  return directives;
}

function readRoots(document: SchemaDocument, draft: Draft): void {
  const [first, second] = document.schema;
  if (second !== undefined) {
    const message = "Cannot have multiple schema entry points, consider schema extensions instead.";
    refuseGraphql(message, second.position);
  }
  const parts: readonly SchemaDefinition[] = [...(first === undefined ? [] : [first]), ...document.schemaExtension];
  for (const { operationTypes, directives } of parts) {
    for (const { operation, type, position } of operationTypes) {
      const definition = draft.types.get(type);
      if (definition === undefined) {
        refuseGraphql(`Schema root ${operation} refers to a type ${type} that does not exist.`, position);
      }
      draft.roots.set(operation, definition);
    }
    checkDirectives(directives, { draft, location: "SCHEMA", isOneLocation: true });
  }
}

const ROOT_NAMES = [
  ["query", "Query"],
  ["mutation", "Mutation"],
  ["subscription", "Subscription"],
] as const;

function finish({ schema }: SchemaDocument, { types, directives, possibleTypes, roots }: Draft): Schema {
  // Types named as roots are roots only where no schema is spelled out.
  if (schema.length === 0) {
    for (const [operation, name] of ROOT_NAMES) {
      const definition = types.get(name);
      if (definition !== undefined && !roots.has(operation)) roots.set(operation, definition);
    }
  }
  const query = roots.get("query");
  const known = new Map(types);
  const queryWithIntrospection =
    query === undefined ? undefined : { ...query, fields: [...query.fields, ...INTROSPECTION] };
  if (queryWithIntrospection !== undefined) known.set(queryWithIntrospection.name, queryWithIntrospection);
  return {
    query: queryWithIntrospection,
    mutation: roots.get("mutation"),
    subscription: roots.get("subscription"),
    types: known,
    directives,
    possibleTypes,
  };
}

function named(namedType: string, nonNull: boolean): Type {
  return { namedType, nonNull };
}

const BASE = { description: "", directives: [] };

const INTROSPECTION: readonly FieldDefinition[] = [
  { ...BASE, name: "__schema", arguments: [], type: named("__Schema", true) },
  {
    ...BASE,
    name: "__type",
    arguments: [{ ...BASE, name: "name", type: named("String", true) }],
    type: named("__Type", false),
  },
];
