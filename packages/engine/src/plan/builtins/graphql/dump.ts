import { RegoObject } from "../../values/object.ts";
import type { Value } from "../../values/value.ts";
import type { QueryDocument, SchemaDocument } from "./ast.ts";

/** Neither places nor what validation adds is shown. */
const HIDDEN = new Set(["position", "typePositions", "node"]);

/**
 * A document as OPA shows it: field names begin with a capital, and what is null or empty is left out, empty texts excepted. To be
 * made before the document is validated.
 */
export function dumpDocument(document: QueryDocument | SchemaDocument): Value {
  return dump(document) ?? new RegoObject();
}

function dump(node: unknown): Value | undefined {
  if (typeof node === "string" || typeof node === "number" || typeof node === "boolean") return node;
  if (typeof node !== "object" || node === null) return undefined;
  if (Array.isArray(node)) {
    const items = node.flatMap((item: unknown) => dump(item) ?? NOTHING);
    return items.length === 0 ? undefined : items;
  }
  const members = new RegoObject();
  for (const [name, member] of Object.entries(node)) {
    const value = HIDDEN.has(name) ? undefined : dump(member);
    if (value !== undefined) members.set(name.charAt(0).toUpperCase() + name.slice(1), value);
  }
  return members.size === 0 ? undefined : members;
}

const NOTHING: readonly Value[] = [];
