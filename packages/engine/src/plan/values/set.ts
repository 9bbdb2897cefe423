import { compare, equal } from "./compare.ts";
import { hashOf, simpleKey } from "./keyed.ts";
import type { Value } from "./value.ts";

/** A Rego set. Grows only while the plan builds it; iterated in OPA's order. */
export class RegoSet {
  readonly #simple = new Map<Value, Value>();
  #composite: Map<number, Value[]> | undefined;
  #compositeCount = 0;
  #sorted: Value[] | undefined;

  static of(values: Iterable<Value>): RegoSet {
    const set = new RegoSet();
    for (const value of values) set.add(value);
    return set;
  }

  get size(): number {
    return this.#simple.size + this.#compositeCount;
  }

  add(value: Value): void {
    const simple = simpleKey(value);
    if (simple === undefined) {
      this.#addComposite(value);
    } else if (!this.#simple.has(simple)) {
      this.#simple.set(simple, value);
      this.#sorted = undefined;
    }
  }

  has(value: Value): boolean {
    return this.find(value) !== undefined;
  }

  /** The member equal to `value`, whose text may differ (`1.0` for `1`). */
  find(value: Value): Value | undefined {
    const simple = simpleKey(value);
    if (simple !== undefined) return this.#simple.get(simple);
    return this.#composite?.get(hashOf(value))?.find((member) => equal(member, value));
  }

  /** Members in OPA's order; not to be changed. */
  sorted(): Value[] {
    this.#sorted ??= this.values().sort(compare);
    return this.#sorted;
  }

  /** Members in any order, as a new array. */
  values(): Value[] {
    const values = [...this.#simple.values()];
    if (this.#composite !== undefined) for (const bucket of this.#composite.values()) values.push(...bucket);
    return values;
  }

  every(test: (value: Value) => boolean): boolean {
    for (const value of this.#simple.values()) if (!test(value)) return false;
    if (this.#composite === undefined) return true;
    for (const bucket of this.#composite.values()) if (!bucket.every(test)) return false;
    return true;
  }

  #addComposite(value: Value): void {
    this.#composite ??= new Map();
    const hash = hashOf(value);
    const bucket = this.#composite.get(hash);
    if (bucket === undefined) this.#composite.set(hash, [value]);
    else if (bucket.some((member) => equal(member, value))) return;
    else bucket.push(value);
    this.#compositeCount += 1;
    this.#sorted = undefined;
  }
}
