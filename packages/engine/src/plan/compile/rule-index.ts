import type { Value } from "../values/value.ts";
import type { Guard } from "./guards.ts";

/** Finds, by one text of the input, the units whose guard on it can hold. */
export interface RuleIndex {
  readonly exact: ReadonlyMap<string, readonly number[]>;
  /** Prefixes by their length. */
  readonly prefixes: ReadonlyMap<number, ReadonlyMap<string, readonly number[]>>;
  /** Units with a prefix, for a value that is no text: their built-in must see it and fail. */
  readonly prefixed: readonly number[];
}

const NONE: readonly number[] = [];

export function buildIndex(guards: readonly Guard[]): RuleIndex {
  const exact = new Map<string, number[]>();
  const prefixes = new Map<number, Map<string, number[]>>();
  const prefixed: number[] = [];
  for (const [unit, { kind, values }] of guards.entries()) {
    if (kind === "prefix") prefixed.push(unit);
    for (const text of values) {
      const table = kind === "equal" ? exact : tableOf(prefixes, text.length);
      const units = table.get(text);
      if (units === undefined) table.set(text, [unit]);
      else if (units.at(-1) !== unit) units.push(unit);
    }
  }
  return { exact, prefixes, prefixed };
}

function tableOf(prefixes: Map<number, Map<string, number[]>>, length: number): Map<string, number[]> {
  const known = prefixes.get(length);
  if (known !== undefined) return known;
  const made = new Map<string, number[]>();
  prefixes.set(length, made);
  return made;
}

/** Units in order. */
export function findUnits(index: RuleIndex, value: Value | undefined): readonly number[] {
  if (typeof value !== "string") return value === undefined ? NONE : index.prefixed;
  let found = index.exact.get(value) ?? NONE;
  for (const [length, table] of index.prefixes) {
    if (length > value.length) continue;
    const units = table.get(value.slice(0, length));
    if (units !== undefined) found = found.length === 0 ? units : [...found, ...units];
  }
  return index.prefixes.size > 1 || (index.prefixes.size > 0 && index.exact.size > 0) ? ordered(found) : found;
}

function ordered(units: readonly number[]): readonly number[] {
  return units.length < 2 ? units : [...new Set(units)].sort((a, b) => a - b);
}
