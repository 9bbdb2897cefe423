import { PlanError } from "../plan-error.ts";

/** A JSON object of the plan, whose members are checked as they are read. */
export class Fields {
  readonly #members: ReadonlyMap<string, unknown>;
  readonly #where: string;

  constructor(value: unknown, where: string) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) refuse(`${where} is not an object`);
    this.#members = new Map(Object.entries(value));
    this.#where = where;
  }

  has(name: string): boolean {
    const value = this.#members.get(name);
    return value !== undefined && value !== null;
  }

  object(name: string): Fields {
    return new Fields(this.#members.get(name), `${this.#where}.${name}`);
  }

  unknown(name: string): unknown {
    return this.#members.get(name);
  }

  string(name: string): string {
    const value = this.#members.get(name);
    return typeof value === "string" ? value : refuse(`${this.#where}.${name} is not a string`);
  }

  boolean(name: string): boolean {
    const value = this.#members.get(name);
    return typeof value === "boolean" ? value : refuse(`${this.#where}.${name} is not a boolean`);
  }

  /** A local, an index, a count: 0 to 2^31. */
  index(name: string): number {
    const value = this.#members.get(name);
    return isIndex(value) ? value : refuse(`${this.#where}.${name} is not an index`);
  }

  /** The text of a 64-bit integer. */
  integer(name: string): string {
    const value = this.#members.get(name);
    if (typeof value === "number" && Number.isInteger(value)) return String(BigInt(value));
    return typeof value === "string" && /^-?\d+$/.test(value) ? value : refuse(`${this.#where}.${name} is no integer`);
  }

  /** A list; what is absent or null is empty, as Go prints it. */
  list(name: string): readonly unknown[] {
    const value: unknown = this.#members.get(name) ?? [];
    return Array.isArray(value) ? value : refuse(`${this.#where}.${name} is not a list`);
  }

  indexes(name: string): readonly number[] {
    return this.list(name).map((value) => (isIndex(value) ? value : refuse(`${this.#where}.${name} has no index`)));
  }

  strings(name: string): readonly string[] {
    return this.list(name).map((value) =>
      typeof value === "string" ? value : refuse(`${this.#where}.${name} has no string`),
    );
  }
}

export function refuse(message: string): never {
  throw new PlanError("plan.invalid", `plan is invalid: ${message}`);
}

function isIndex(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 2 ** 31;
}
