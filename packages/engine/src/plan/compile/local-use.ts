import type { Block, Statement } from "../ir/statement.ts";
import { RegoNumber } from "../values/number.ts";
import { RegoObject } from "../values/object.ts";
import { RegoSet } from "../values/set.ts";
import { growthOf, lateSetsOf } from "./composites.ts";
import { nestedBlocks, readsOf, statementsOf, writesOf } from "./statement-locals.ts";

/** How a function uses its locals. */
export interface LocalUse {
  /** Every local that occurs. */
  readonly all: ReadonlySet<number>;
  readonly read: ReadonlySet<number>;
  /** Objects whose keys are all constants, built here and only here: plain JS objects will do. */
  readonly records: ReadonlySet<number>;
  /** For each statement that makes a composite, how many others add to it; not there when that can't be told. */
  readonly growth: ReadonlyMap<Statement, number>;
  /** Sets that are only added to, walked through and returned: none is made before there is a member. */
  readonly lateSets: ReadonlySet<number>;
  /** Lookups in the data document. */
  readonly dataReferences: ReadonlySet<Statement>;
}

interface Collected {
  readonly all: Set<number>;
  readonly read: Set<number>;
  /** Targets of `MakeObject`. */
  readonly made: Set<number>;
  /** Assigned by anything but `MakeObject` or a reset. */
  readonly assigned: Set<number>;
  /** Inserted into, and whether every key is fit for a plain object. */
  readonly inserted: Map<number, boolean>;
}

export function localUse(blocks: readonly Block[], params: readonly number[]): LocalUse {
  const collected: Collected = {
    all: new Set(),
    read: new Set(),
    made: new Set(),
    assigned: new Set(params),
    inserted: new Map(),
  };
  for (const block of blocks) collectBlock(block, collected);
  return {
    all: collected.all,
    read: collected.read,
    records: recordsOf(collected),
    growth: growthOf(blocks, params),
    lateSets: lateSetsOf(blocks, params),
    dataReferences: dataReferences(blocks, params[1]),
  };
}

// An object may be reached through another local and grow there; then none of the function's objects is a record.
function recordsOf({ made, assigned, inserted }: Collected): ReadonlySet<number> {
  for (const local of inserted.keys()) if (assigned.has(local)) return new Set();
  return new Set([...made].filter((local) => inserted.get(local) === true));
}

function collectBlock(block: Block, collected: Collected): void {
  for (const statement of statementsOf([block])) {
    for (const local of readsOf(statement)) {
      collected.all.add(local);
      collected.read.add(local);
    }
    for (const local of writesOf(statement)) collected.all.add(local);
    collectObjects(statement, collected);
  }
}

function collectObjects(statement: Statement, { made, assigned, inserted }: Collected): void {
  if (statement.kind === "MakeObject") made.add(statement.target);
  else if (statement.kind === "ObjectInsert" || statement.kind === "ObjectInsertOnce") {
    const { key, object } = statement;
    inserted.set(object, (inserted.get(object) ?? true) && key.type === "string" && key.string !== "__proto__");
  } else if (statement.kind !== "ResetLocal") for (const local of writesOf(statement)) assigned.add(local);
}

/** Names that mean something on every JS object, on an array or on a class of ours take the long way. */
const SPECIAL_NAMES = new Set(
  [Object.prototype, Array.prototype, RegoObject.prototype, RegoSet.prototype, RegoNumber.prototype]
    .flatMap((prototype) => Object.getOwnPropertyNames(prototype))
    .concat("length", "text", "decimal"),
);

/** True for a key that a plain JS object holds and gives like any other, and an array doesn't: to Rego a text is no index. */
export function isPlainKey(key: string): boolean {
  return !SPECIAL_NAMES.has(key) && !/^\d+$/.test(key);
}

/** The lookups that continue a reference from `data`, with no variable in between: those OPA asks its storage. */
export function dataReferences(blocks: readonly Block[], data: number | undefined): ReadonlySet<Statement> {
  const found = new Set<Statement>();
  if (data !== undefined) for (const block of blocks) visitReferences(block, new Set([data]), found);
  return found;
}

function visitReferences(block: Block, chain: Set<number>, found: Set<Statement>): void {
  for (const statement of block) {
    const continues =
      statement.kind === "Dot" && statement.source.type === "local" && chain.has(statement.source.local);
    for (const nested of nestedBlocks(statement)) visitReferences(nested, chain, found);
    for (const local of writesOf(statement)) chain.delete(local);
    if (!continues) continue;
    found.add(statement);
    chain.add(statement.target);
  }
}
