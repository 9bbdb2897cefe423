/* oxlint-disable import/no-cycle -- values hold values: comparing, hashing and sorting them call each other */
import { spend } from "../run/meter.ts";
import { compare, equal } from "./compare.ts";
import { KeyedMap } from "./keyed.ts";
import type { Value } from "./value.ts";

/** Up to this size a set is a list that is searched; most sets of a policy are. */
const LIST_SIZE_MAX = 8;

/** A Rego set. Grows only while the plan builds it; iterated in OPA's order. */
export class RegoSet {
  readonly #members: Value[] = [];
  /** Made when the list gets long. */
  #index: KeyedMap<Value> | undefined;
  #sorted: Value[] | undefined;

  static of(values: Iterable<Value>): RegoSet {
    const set = new RegoSet();
    for (const value of values) set.add(value);
    return set;
  }

  get size(): number {
    return this.#members.length;
  }

  add(value: Value): void {
    if (this.has(value)) return;
    this.#members.push(value);
    this.#sorted = undefined;
    if (this.#index !== undefined) this.#index.set(value, value);
    else if (this.#members.length > LIST_SIZE_MAX) {
      this.#index = new KeyedMap();
      for (const member of this.#members) this.#index.set(member, member);
    }
  }

  has(value: Value): boolean {
    if (this.#index !== undefined) return this.#index.has(value);
    const members = this.#members;
    for (let i = 0; i < members.length; i += 1) if (equal(members[i], value)) return true;
    return false;
  }

  /** Members in OPA's order; not to be changed. */
  sorted(): Value[] {
    if (this.#members.length < 2) return this.#members;
    if (this.#sorted !== undefined) return this.#sorted;
    spend(this.#members.length);
    return (this.#sorted = this.#members.toSorted(compare));
  }

  /** Members in any order; not to be changed. */
  values(): readonly Value[] {
    return this.#members;
  }

  every(test: (value: Value) => boolean): boolean {
    return this.#members.every(test);
  }
}
