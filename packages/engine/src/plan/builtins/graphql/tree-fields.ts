import { numberToSafeInt } from "../../values/number.ts";
import { objectEntries, objectGet } from "../../values/object.ts";
import { isNumber, isObject, type ObjectValue, type Value } from "../../values/value.ts";
import type { CommentGroup } from "./ast.ts";
import { refuseGraphql } from "./failure.ts";

/** A node that the policy passed as an object: members by their name in any case, what is absent or null being empty, as Go reads JSON. */
export class TreeFields {
  readonly #node: ObjectValue;
  readonly #isExact: boolean;

  /** `isExact` for the nodes whose members are known by their exact name only. */
  constructor(node: Value | undefined, isExact = false) {
    if (!isObject(node)) refuseGraphql("a node of the syntax tree is no object", undefined);
    this.#node = node;
    this.#isExact = isExact;
  }

  string(name: string): string {
    const value = this.#get(name) ?? "";
    return typeof value === "string" ? value : wrong(name);
  }

  boolean(name: string): boolean {
    const value = this.#get(name) ?? false;
    return typeof value === "boolean" ? value : wrong(name);
  }

  integer(name: string): number {
    const value = this.#get(name) ?? 0;
    return (isNumber(value) ? numberToSafeInt(value) : undefined) ?? wrong(name);
  }

  strings(name: string): readonly string[] {
    return this.#list(name).map((item) => (typeof item === "string" ? item : wrong(name)));
  }

  nodes<T>(name: string, read: (node: Value) => T): readonly T[] {
    return this.#list(name).map(read);
  }

  node<T>(name: string, read: (node: Value) => T): T | undefined {
    const value = this.#get(name) ?? undefined;
    return value === undefined ? undefined : read(value);
  }

  /** {@link node}, for what no node goes without. */
  required<T>(name: string, read: (node: Value) => T): T {
    return this.node(name, read) ?? wrong(name);
  }

  comment(name: string): CommentGroup | undefined {
    return this.node(name, (group) => ({
      list: new TreeFields(group).nodes("List", (comment) => ({ value: new TreeFields(comment).string("Value") })),
    }));
  }

  #list(name: string): readonly Value[] {
    const value = this.#get(name) ?? [];
    return Array.isArray(value) ? value : wrong(name);
  }

  #get(name: string): Value | undefined {
    const value = objectGet(this.#node, name);
    if (value !== undefined || this.#isExact) return value;
    const wanted = name.toLowerCase();
    for (const [key, other] of objectEntries(this.#node)) {
      if (typeof key === "string" && key.toLowerCase() === wanted) return other;
    }
    return undefined;
  }
}

function wrong(name: string): never {
  return refuseGraphql(`${name} of the syntax tree is wrong`, undefined);
}
