import { sortedEntries, objectGet } from "../../values/object.ts";
import { isObject, type ObjectValue, type Value } from "../../values/value.ts";
import { asGoUrl } from "../go-url.ts";
import { META_SCHEMAS } from "./meta-schemas.ts";
import { followFragment, isCanonical, normalReference, resolveReference, withoutFragment } from "./reference.ts";
import { DRAFT, refuseSchema } from "./sub-schema.ts";

/** A schema that references lead to, and the draft it names. */
export interface PooledSchema {
  readonly node: Value;
  readonly draft: number | undefined;
}

/** Everything that references can lead to: the schema, its parts that have an id, and the standard's own schemas. */
export class SchemaPool {
  readonly #documents = new Map<string, PooledSchema>();
  /** References as they resolve where they stand. */
  readonly #references = new Map<ObjectValue, string>();

  /** Adds a whole document. */
  add(node: Value, reference: string): void {
    if (this.#documents.has(reference)) refuseSchema(`Reference already exists: "${reference}"`);
    const draft = draftOf(node);
    this.#collect(node, reference, draft);
    this.#documents.set(reference, { node, draft });
  }

  /** The `$ref` of a schema, resolved; undefined when it has none that is a URL. */
  referenceOf(node: ObjectValue): string | undefined {
    return this.#references.get(node);
  }

  find(reference: string): PooledSchema {
    const known = this.#documents.get(reference);
    if (known !== undefined) return known;
    const document = this.#documents.get(withoutFragment(reference));
    if (document !== undefined) {
      const found = { node: followFragment(reference, document.node), draft: document.draft };
      this.#documents.set(reference, found);
      return found;
    }
    if (!isCanonical(reference)) refuseSchema(`Reference ${reference} must be canonical`);
    const standard = META_SCHEMAS.get(withoutFragment(reference));
    // Nothing is fetched: what a policy decides doesn't hang on what is on the network.
    if (standard === undefined) return refuseSchema(`remote reference loading disabled: ${reference}`);
    this.add(standard, withoutFragment(reference));
    return { node: followFragment(reference, standard), draft: draftOf(standard) };
  }

  #collect(node: Value, base: string, draft: number | undefined): void {
    if (Array.isArray(node)) for (const item of node) this.#collect(item, base, draft);
    if (!isObject(node)) return;
    const scope = this.#scopeOf(node, base, draft);
    const ref = objectGet(node, "$ref");
    const reference = typeof ref === "string" && isUrl(ref) ? resolveReference(scope, ref) : undefined;
    if (reference !== undefined) this.#references.set(node, reference);
    for (const [key, member] of sortedEntries(node)) {
      // Values are no schemas, and names of properties no keywords.
      if (key === "const" || key === "enum") continue;
      const parts = typeof key === "string" && NAMED.has(key) ? membersOf(member) : [member];
      for (const part of parts) this.#collect(part, scope, draft);
    }
  }

  #scopeOf(node: ObjectValue, base: string, draft: number | undefined): string {
    const id = objectGet(node, "id") ?? objectGet(node, "$id");
    const scope = typeof id === "string" && isUrl(id) ? resolveReference(base, id) : undefined;
    if (scope === undefined) return base;
    if (this.#documents.has(scope)) refuseSchema(`Reference already exists: "${scope}"`);
    this.#documents.set(scope, { node, draft });
    return scope;
  }
}

/** What isn't one is complained about when the schema it stands in is compiled. */
function isUrl(text: string): boolean {
  return asGoUrl(text) !== undefined;
}

function membersOf(value: Value): readonly Value[] {
  return isObject(value) ? [...sortedEntries(value)].map(([, member]) => member) : [];
}

const NAMED = new Set(["properties", "dependencies", "patternProperties"]);

const DRAFTS: ReadonlyMap<string, number> = new Map([
  ["http://json-schema.org/draft-04/schema", DRAFT.four],
  ["http://json-schema.org/draft-06/schema", DRAFT.six],
  ["http://json-schema.org/draft-07/schema", DRAFT.seven],
]);

/** The draft that `$schema` names; undefined for none and for one that isn't known. */
export function draftOf(node: Value): number | undefined {
  if (typeof node === "boolean") return undefined;
  if (!isObject(node)) return refuseSchema("schema is invalid");
  const url = objectGet(node, "$schema");
  if (url === undefined) return undefined;
  if (typeof url !== "string") return refuseSchema("$schema must be of type string");
  return DRAFTS.get(normalReference(url));
}
