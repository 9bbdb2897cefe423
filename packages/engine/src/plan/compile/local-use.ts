import type { Block, Operand, Statement } from "../ir/statement.ts";
import { RegoNumber } from "../values/number.ts";
import { RegoObject } from "../values/object.ts";
import { RegoSet } from "../values/set.ts";

/** How a function uses its locals. */
export interface LocalUse {
  /** Every local that occurs. */
  readonly all: ReadonlySet<number>;
  readonly read: ReadonlySet<number>;
  /** Objects whose keys are all constants, built here and only here: plain JS objects will do. */
  readonly records: ReadonlySet<number>;
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
    dataReferences: dataReferences(blocks, params[1]),
  };
}

/** Statements and everything nested in them, outermost first. */
export function* statementsOf(blocks: readonly Block[]): Generator<Statement> {
  for (const block of blocks) {
    for (const statement of block) {
      yield statement;
      yield* statementsOf(nestedBlocks(statement));
    }
  }
}

export function nestedBlocks(statement: Statement): readonly Block[] {
  if (statement.kind === "Block") return statement.blocks;
  if (statement.kind === "Scan" || statement.kind === "Not" || statement.kind === "With") return [statement.block];
  return [];
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
    inserted.set(object, (inserted.get(object) ?? true) && key.type === "string" && isPlainKey(key.string));
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

export function writesOf(s: Statement): readonly number[] {
  if ("target" in s) return [s.target];
  if (s.kind === "Call" || s.kind === "CallDynamic") return [s.result];
  if (s.kind === "Scan") return [s.key, s.value];
  return s.kind === "With" ? [s.local] : [];
}

export function readsOf(s: Statement): readonly number[] {
  switch (s.kind) {
    case "ReturnLocal":
    case "IsDefined":
    case "IsUndefined":
    case "Scan":
      return [s.source];
    case "Call":
      return locals(...s.args);
    case "CallDynamic":
      return [...s.args, ...locals(...s.path)];
    case "Dot":
      return locals(s.source, s.key);
    case "Len":
    case "AssignVar":
    case "IsArray":
    case "IsObject":
    case "IsSet":
      return locals(s.source);
    case "AssignVarOnce":
      return [...locals(s.source), s.target];
    case "Equal":
    case "NotEqual":
      return locals(s.a, s.b);
    case "ArrayAppend":
      return [...locals(s.value), s.array];
    case "SetAdd":
      return [...locals(s.value), s.set];
    case "ObjectInsert":
    case "ObjectInsertOnce":
      return [...locals(s.key, s.value), s.object];
    case "ObjectMerge":
      return [s.a, s.b];
    case "With":
      return [...locals(s.value), s.local];
    case "ResultSetAdd":
      return [s.value];
    default:
      return [];
  }
}

function locals(...operands: readonly Operand[]): readonly number[] {
  return operands.flatMap((operand) => (operand.type === "local" ? [operand.local] : []));
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
