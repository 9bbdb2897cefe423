/* oxlint-disable max-params -- two sides of a comparison, and whether they exclude each other */
import { typeText, VALUE_KIND } from "./ast.ts";
import type { Argument, Field, FragmentSpread, GraphqlValue, Position, Selection, Type } from "./ast.ts";
import type { Rule, Walk } from "./walk-query.ts";

/**
 * Fields with one name in the answer must be the same field with the same arguments and types: GraphQL's rule
 * OverlappingFieldsCanBeMerged, with the letters of the specification's reference algorithm beside its steps.
 */
export function overlappingFieldsCanBeMerged(): Rule {
  const compared = new ComparedPairs();
  const check = (walk: Walk, selections: readonly Selection[]): void => {
    if (selections.length === 0) return;
    for (const conflict of new Comparison(walk, compared).within(selections)) {
      const message = `Fields "${conflict.name}" conflict because ${reasonOf(conflict)}.`;
      const advice = "Use different aliases on the fields to fetch both if this was intentional.";
      walk.report(`${message} ${advice}`, conflict.position);
    }
  };
  return {
    operation: (walk, { selectionSet }) => check(walk, selectionSet),
    field: (walk, { selectionSet }) => {
      // In a fragment, its operation has been asked already.
      if (walk.operation !== undefined) check(walk, selectionSet);
    },
    inlineFragment: (walk, { selectionSet }) => check(walk, selectionSet),
    fragment: (walk, { selectionSet }) => check(walk, selectionSet),
  };
}

interface Conflict {
  readonly name: string;
  readonly reason: string;
  readonly below: readonly Conflict[];
  readonly position: Position | undefined;
}

function reasonOf({ reason, below }: Conflict): string {
  if (below.length === 0) return reason;
  return below.map((conflict) => `subfields "${conflict.name}" conflict because ${reasonOf(conflict)}`).join(" and ");
}

/** Pairs of fragments that were compared, and whether only as excluding each other, which finds less. */
class ComparedPairs {
  readonly #pairs = new Map<string, Map<string, boolean>>();

  has(a: string, b: string, areExclusive: boolean): boolean {
    const known = this.#pairs.get(a)?.get(b);
    return known !== undefined && (areExclusive || !known);
  }

  add(a: string, b: string, areExclusive: boolean): void {
    for (const [x, y] of [
      [a, b],
      [b, a],
    ] as const) {
      const known = this.#pairs.get(x) ?? new Map<string, boolean>();
      this.#pairs.set(x, known.set(y, areExclusive));
    }
  }
}

/** What a selection set asks for: its fields by their name in the answer, and the fragments it spreads. */
interface Collected {
  readonly fields: ReadonlyMap<string, readonly Field[]>;
  readonly spreads: readonly FragmentSpread[];
}

const collectedSets = new WeakMap<readonly Selection[], Collected>();

function collect(selections: readonly Selection[]): Collected {
  const known = collectedSets.get(selections);
  if (known !== undefined) return known;
  const fields = new Map<string, Field[]>();
  const spreads: FragmentSpread[] = [];
  const visit = (set: readonly Selection[]): void => {
    for (const selection of set) {
      if (selection.node === "InlineFragment") visit(selection.selectionSet);
      else if (selection.node === "FragmentSpread") spreads.push(selection);
      else {
        const name = answerName(selection);
        const present = fields.get(name);
        if (present === undefined) fields.set(name, [selection]);
        else present.push(selection);
      }
    }
  };
  visit(selections);
  const collected = { fields, spreads };
  collectedSets.set(selections, collected);
  return collected;
}

function answerName({ alias, name }: Field): string {
  return alias === "" ? name : alias;
}

class Comparison {
  readonly #walk: Walk;
  readonly #pairs: ComparedPairs;
  /** Fragments compared with the fields at hand. */
  #fragments = new Set<string>();

  constructor(walk: Walk, pairs: ComparedPairs) {
    this.#walk = walk;
    this.#pairs = pairs;
  }

  within(selections: readonly Selection[]): readonly Conflict[] {
    const { fields, spreads } = collect(selections);
    const found: Conflict[] = [];
    // (A) The fields of this set with each other.
    for (const same of fields.values()) {
      for (const [index, a] of same.entries()) {
        for (const b of same.slice(index + 1)) this.#compareFields(found, false, a, b);
      }
    }
    this.#fragments = new Set();
    for (const [index, a] of spreads.entries()) {
      // (B) The fields with each fragment, (C) and each fragment with the others.
      this.#compareWithFragment(found, false, fields, a);
      for (const b of spreads.slice(index + 1)) this.#compareFragments(found, false, a, b);
    }
    return found;
  }

  #compareWithFragment(
    found: Conflict[],
    areExclusive: boolean,
    fields: Collected["fields"],
    spread: FragmentSpread,
  ): void {
    if (this.#fragments.has(spread.name)) return;
    this.#fragments.add(spread.name);
    if (spread.definition === undefined) return;
    const other = collect(spread.definition.selectionSet);
    if (other.fields === fields) return;
    // (D) The fields with the fragment's, (E) and with those of the fragments in it.
    this.#compareSets(found, areExclusive, fields, other.fields);
    for (const inner of other.spreads) {
      if (inner.name !== spread.name) this.#compareWithFragment(found, areExclusive, fields, inner);
    }
  }

  #compareFragments(found: Conflict[], areExclusive: boolean, a: FragmentSpread, b: FragmentSpread): void {
    if (a.name === b.name || this.#pairs.has(a.name, b.name, areExclusive)) return;
    this.#pairs.add(a.name, b.name, areExclusive);
    if (a.definition === undefined || b.definition === undefined) return;
    const [x, y] = [collect(a.definition.selectionSet), collect(b.definition.selectionSet)];
    // (F) The fields of both, (G) and each with the fragments in the other.
    this.#compareSets(found, areExclusive, x.fields, y.fields);
    for (const inner of y.spreads) this.#compareFragments(found, areExclusive, a, inner);
    for (const inner of x.spreads) this.#compareFragments(found, areExclusive, inner, b);
  }

  #compareSets(found: Conflict[], areExclusive: boolean, a: Collected["fields"], b: Collected["fields"]): void {
    for (const [name, fieldsA] of a) {
      const fieldsB = b.get(name);
      if (fieldsB === undefined) continue;
      for (const fieldA of fieldsA)
        for (const fieldB of fieldsB) this.#compareFields(found, areExclusive, fieldA, fieldB);
    }
  }

  #compareFields(found: Conflict[], parentsAreExclusive: boolean, a: Field, b: Field): void {
    this.#walk.charge(1);
    if (a.objectDefinition === undefined || b.objectDefinition === undefined) return;
    const areExclusive = parentsAreExclusive || areOfDifferentObjects(a, b);
    const reason = this.#conflictOf(areExclusive, a, b);
    const below = reason === undefined ? this.#compareBelow(areExclusive, a.selectionSet, b.selectionSet) : [];
    if (reason === undefined && below.length === 0) return;
    found.push({ name: answerName(a), reason: reason ?? "", below, position: b.position });
  }

  #conflictOf(areExclusive: boolean, a: Field, b: Field): string | undefined {
    if (!areExclusive && a.name !== b.name) return `"${a.name}" and "${b.name}" are different fields`;
    if (!areExclusive && !sameArguments(a.arguments, b.arguments)) return "they have differing arguments";
    const [x, y] = [a.definition?.type, b.definition?.type];
    if (x === undefined || y === undefined || !this.#typesConflict(x, y)) return undefined;
    return `they return conflicting types "${typeText(x)}" and "${typeText(y)}"`;
  }

  #compareBelow(areExclusive: boolean, a: readonly Selection[], b: readonly Selection[]): readonly Conflict[] {
    const [x, y] = [collect(a), collect(b)];
    const found: Conflict[] = [];
    // (H) The fields of both, (I) each with the fragments of the other, (J) and the fragments of both.
    this.#compareSets(found, areExclusive, x.fields, y.fields);
    for (const [fields, spreads] of [
      [x.fields, y.spreads],
      [y.fields, x.spreads],
    ] as const) {
      for (const spread of spreads) {
        this.#fragments = new Set();
        this.#compareWithFragment(found, areExclusive, fields, spread);
      }
    }
    for (const p of x.spreads) for (const q of y.spreads) this.#compareFragments(found, areExclusive, p, q);
    return found;
  }

  #typesConflict(a: Type, b: Type): boolean {
    if (a.elem !== undefined && b.elem !== undefined) return this.#typesConflict(a.elem, b.elem);
    if (a.elem !== undefined || b.elem !== undefined || a.nonNull !== b.nonNull) return true;
    const { types } = this.#walk.schema;
    const [x, y] = [types.get(a.namedType), types.get(b.namedType)];
    return isLeafKind(x?.kind) && isLeafKind(y?.kind) && x?.name !== y?.name;
  }
}

function isLeafKind(kind: string | undefined): boolean {
  return kind === "SCALAR" || kind === "ENUM";
}

function areOfDifferentObjects(a: Field, b: Field): boolean {
  const [x, y] = [a.objectDefinition, b.objectDefinition];
  if (x?.kind !== "OBJECT" || y?.kind !== "OBJECT" || x.name === y.name) return false;
  return a.definition !== undefined && b.definition !== undefined;
}

function sameArguments(a: readonly Argument[], b: readonly Argument[]): boolean {
  if (a.length !== b.length) return false;
  return a.every(({ name, value }) => b.some((other) => other.name === name && sameValue(value, other.value)));
}

/** Members of objects have no order, elements of lists have. */
function sameValue(a: GraphqlValue, b: GraphqlValue): boolean {
  if (a.kind !== b.kind || a.raw !== b.raw || a.children.length !== b.children.length) return false;
  const [x, y] = [a, b].map(({ kind, children }) => (kind === VALUE_KIND.object ? sortedByName(children) : children));
  return (x ?? []).every((child, index) => {
    const other = y?.[index];
    return other !== undefined && child.name === other.name && sameValue(child.value, other.value);
  });
}

function sortedByName<T extends { readonly name: string }>(items: readonly T[]): readonly T[] {
  return items.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
