import { matchesSubject } from "@cortexos/protocol";

/** Tokens by which patterns are told apart before their first wildcard. */
const PREFIX_TOKENS_MAX = 32;

/**
 * Patterns with the same beginning that are compared with one subject, the oldest first. Clients have one for each inbox; a hostile one can have
 * thousands, and must not make a search long with them.
 */
export const COMPARED_COUNT_MAX = 64;

/** Values by the subjects that they listen on, wildcards among them. A search takes bounded time, an entry bounded memory. */
export interface SubjectIndex<V extends Indexed> {
  add(value: V): void;
  remove(value: V): void;
  /** One of the values whose pattern matches; `undefined` also when it lies beyond what is compared. */
  find(subject: string): V | undefined;
}

/** What can be found by a subject. */
export interface Indexed {
  /** A subject, in which `*` stands for one token and `>` for one or more at the end. */
  readonly subject: string;
}

export function createSubjectIndex<V extends Indexed>(): SubjectIndex<V> {
  const literals = new Map<string, Set<V>>();
  /** By what stands before the first wildcard. */
  const wildcards = new Map<string, Set<V>>();
  const placeOf = ({ subject }: V): readonly [Map<string, Set<V>>, string] => {
    const prefix = literalPrefix(subject);
    return prefix === undefined ? [literals, subject] : [wildcards, prefix];
  };
  return {
    add: (value) => {
      const [map, key] = placeOf(value);
      const same = map.get(key);
      if (same === undefined) map.set(key, new Set([value]));
      else same.add(value);
    },
    remove: (value) => {
      const [map, key] = placeOf(value);
      const same = map.get(key);
      same?.delete(value);
      if (same?.size === 0) map.delete(key);
    },
    find: (subject) =>
      first(literals.get(subject)) ?? (wildcards.size === 0 ? undefined : findWildcard(wildcards, subject)),
  };
}

function findWildcard<V extends Indexed>(wildcards: ReadonlyMap<string, Set<V>>, subject: string): V | undefined {
  let end = 0;
  for (let tokens = 0; tokens <= PREFIX_TOKENS_MAX; tokens++) {
    const found = firstMatch(wildcards.get(subject.slice(0, end)), subject);
    if (found !== undefined) return found;
    end = subject.indexOf(".", end) + 1;
    if (end === 0) return undefined;
  }
  return undefined;
}

function firstMatch<V extends Indexed>(values: ReadonlySet<V> | undefined, subject: string): V | undefined {
  if (values === undefined) return undefined;
  let compared = 0;
  for (const value of values) {
    if (compared++ === COMPARED_COUNT_MAX) return undefined;
    if (matchesSubject(value.subject, subject)) return value;
  }
  return undefined;
}

/** What stands before the first wildcard, its last dot included, and cut after so many tokens; `undefined` where there is none. */
function literalPrefix(pattern: string): string | undefined {
  const tokens = pattern.split(".");
  const wildcard = tokens.findIndex((token) => token === "*" || token === ">");
  if (wildcard === -1) return undefined;
  const kept = tokens.slice(0, Math.min(wildcard, PREFIX_TOKENS_MAX));
  return kept.length === 0 ? "" : `${kept.join(".")}.`;
}

function first<V>(values: ReadonlySet<V> | undefined): V | undefined {
  if (values !== undefined) for (const value of values) return value;
  return undefined;
}
