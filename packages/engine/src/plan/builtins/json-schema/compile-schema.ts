import { isObject, type ObjectValue, type Value } from "../../values/value.ts";
import { sortedEntries } from "../../values/object.ts";
import { KEYWORDS } from "./keywords.ts";
import { isSchemaNode, Members, wrongType } from "./members.ts";
import { normalReference, resolveReference } from "./reference.ts";
import { draftOf, SchemaPool } from "./schema-pool.ts";
import { createSubSchema, DRAFT, refuseSchema, type SubSchema } from "./sub-schema.ts";

/** Schemas nested deeper than this are refused before the stack is. */
const DEPTH_MAX = 1_000;

/**
 * Compiles a JSON Schema of draft 4, 6 or 7.
 *
 * @throws SchemaFailure
 */
export function compileSchema(node: Value, charge: (steps: number) => void): SubSchema {
  const pool = new SchemaPool();
  pool.add(node, "");
  const root = createSubSchema({ property: "(Root)", draft: draftOf(node) ?? DRAFT.any, id: "" });
  new Compiler(pool, charge).fill(root, node, true);
  return root;
}

class Compiler {
  readonly #pool: SchemaPool;
  readonly #charge: (steps: number) => void;
  readonly #references = new Map<string, SubSchema>();
  #depth = 0;

  constructor(pool: SchemaPool, charge: (steps: number) => void) {
    this.#pool = pool;
    this.#charge = charge;
  }

  fill(schema: SubSchema, node: Value, isRoot = false): void {
    this.#charge(1);
    if (schema.draft >= DRAFT.six && typeof node === "boolean") {
      schema.pass = node;
      return;
    }
    if (!isObject(node)) return refuseSchema("Expected: Valid Schema, given: Invalid JSON");
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) refuseSchema("schema is nested too deep");
    this.#fillObject(schema, node, isRoot);
    this.#depth -= 1;
  }

  #fillObject(schema: SubSchema, node: ObjectValue, isRoot: boolean): void {
    const members = new Members(node);
    readId(schema, members, isRoot);
    const compile = (property: string, child: Value): SubSchema => this.#child(schema, property, child);
    checkDefinitions(members, compile);
    members.string("title");
    members.string("description");
    const ref = members.string("$ref");
    // Complains when it is no URL.
    if (ref !== undefined) normalReference(ref);
    const reference = this.#pool.referenceOf(node);
    if (reference !== undefined && this.#readReference(schema, reference)) return;
    for (const keyword of KEYWORDS) keyword({ schema, members, compile });
  }

  #child(parent: SubSchema, property: string, node: Value): SubSchema {
    const child = createSubSchema({ property, draft: parent.draft, id: parent.id });
    this.fill(child, node);
    return child;
  }

  /** Gives true when nothing else of the schema is looked at. */
  #readReference(schema: SubSchema, reference: string): boolean {
    const known = this.#references.get(reference);
    if (known !== undefined) {
      schema.target = known;
      return false;
    }
    const { node: found, draft } = this.#pool.find(reference);
    const target = createSubSchema({ property: "$ref", draft: draft ?? schema.draft, id: reference });
    // Before it is filled, since it may refer to itself.
    this.#references.set(reference, target);
    if (!isSchemaNode(found)) refuseSchema("Valid Schema must be of type object");
    this.fill(target, found);
    schema.target = target;
    return true;
  }
}

function readId(schema: SubSchema, members: Members, isRoot: boolean): void {
  const isOldName = schema.draft === DRAFT.four || (schema.draft === DRAFT.any && members.get("id") !== undefined);
  const id = members.string(isOldName ? "id" : "$id");
  if (id === undefined) return;
  schema.id = isRoot ? normalReference(id) : resolveReference(schema.id, id);
}

/** Definitions are schemas even when nothing refers to them. */
function checkDefinitions(members: Members, compile: (property: string, node: Value) => SubSchema): void {
  const definitions = members.get("definitions");
  if (definitions === undefined) return;
  if (!isObject(definitions)) return wrongType("Array Of Schemas", "definitions");
  for (const [, definition] of sortedEntries(definitions)) {
    if (!isSchemaNode(definition)) wrongType("Array Of Schemas", "definitions");
    compile("definitions", definition);
  }
}
