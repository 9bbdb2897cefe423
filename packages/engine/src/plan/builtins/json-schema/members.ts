import { objectGet } from "../../values/object.ts";
import { isObject, type ObjectValue, type Value } from "../../values/value.ts";
import { refuseSchema } from "./sub-schema.ts";

/** The members of a schema, with OPA's words for those of a wrong type. */
export class Members {
  readonly #node: ObjectValue;

  constructor(node: ObjectValue) {
    this.#node = node;
  }

  get(name: string): Value | undefined {
    return objectGet(this.#node, name);
  }

  string(name: string): string | undefined {
    const value = this.get(name);
    return value === undefined || typeof value === "string" ? value : wrongType("string", name);
  }

  list(name: string): readonly Value[] | undefined {
    const value = this.get(name);
    if (value === undefined || Array.isArray(value)) return value;
    return refuseSchema(`${name} must be of an array`);
  }
}

export function wrongType(expected: string, given: string): never {
  return refuseSchema(`Invalid type. Expected: ${expected}, given: ${given}`);
}

/** Whether a value can be a schema where booleans can. */
export function isSchemaNode(value: Value): boolean {
  return typeof value === "boolean" || isObject(value);
}
