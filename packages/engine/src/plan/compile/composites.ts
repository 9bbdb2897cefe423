import type { Block, Statement } from "../ir/statement.ts";
import { exposedLocals } from "./exposed-locals.ts";
import { readsOf, statementsOf, writesOf } from "./statement-locals.ts";

// How the composites that a function makes are used.

/** The local that a statement adds something to. */
function grownBy(s: Statement): number | undefined {
  if (s.kind === "ArrayAppend") return s.array;
  if (s.kind === "SetAdd") return s.set;
  return s.kind === "ObjectInsert" || s.kind === "ObjectInsertOnce" ? s.object : undefined;
}

const MAKERS: ReadonlySet<Statement["kind"]> = new Set(["MakeArray", "MakeObject", "MakeSet"]);

/**
 * For each statement that makes a composite, how many others ever add to it. Left out are those of which a local of another block may
 * know, those that aren't the only thing their local holds, and all when something is added through a second name.
 */
export function growthOf(blocks: readonly Block[], params: readonly number[]): ReadonlyMap<Statement, number> {
  const shared = new Set([...params, ...exposedLocals(blocks)]);
  const growth = new Map<Statement, number>();
  for (const block of blocks) {
    const found = growthWithin(block);
    if (found === undefined) return new Map();
    for (const [maker, count] of found)
      if (!writesOf(maker).some((local) => shared.has(local))) growth.set(maker, count);
  }
  return growth;
}

/** Undefined when something is added to what the block hasn't made. */
function growthWithin(block: Block): ReadonlyMap<Statement, number> | undefined {
  const makers = new Map<number, Statement[]>();
  const otherwise = new Set<number>();
  const additions = new Map<number, number>();
  for (const s of statementsOf([block])) {
    for (const local of writesOf(s)) {
      if (MAKERS.has(s.kind)) makers.set(local, [...(makers.get(local) ?? []), s]);
      else if (s.kind !== "ResetLocal") otherwise.add(local);
    }
    const grown = grownBy(s);
    if (grown !== undefined) additions.set(grown, (additions.get(grown) ?? 0) + 1);
  }
  for (const local of additions.keys()) if (otherwise.has(local)) return undefined;
  const growth = new Map<Statement, number>();
  for (const [local, [maker, ...more]] of makers) {
    if (maker !== undefined && more.length === 0 && !otherwise.has(local)) growth.set(maker, additions.get(local) ?? 0);
  }
  return growth;
}

/** Locals that hold nothing but sets, which are only added to, walked through and returned: an empty one can be shared. */
export function lateSetsOf(blocks: readonly Block[], params: readonly number[]): ReadonlySet<number> {
  const sets = new Set<number>();
  const others = new Set(params);
  for (const s of statementsOf(blocks)) {
    for (const local of writesOf(s)) {
      if (s.kind === "MakeSet") sets.add(local);
      else if (s.kind !== "ResetLocal") others.add(local);
    }
    const harmless = s.kind === "ReturnLocal" || s.kind === "Scan" ? s.source : s.kind === "SetAdd" ? s.set : undefined;
    // A set that is added to itself is read as a value too.
    const isOwnMember = s.kind === "SetAdd" && s.value.type === "local" && s.value.local === s.set;
    for (const local of readsOf(s)) if (local !== harmless || isOwnMember) others.add(local);
  }
  return new Set([...sets].filter((local) => !others.has(local)));
}
