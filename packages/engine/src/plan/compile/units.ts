import type { Block, PlanFunction, Statement } from "../ir/statement.ts";
import { guardsOf, type FunctionGuards, type Guard } from "./guards.ts";
import { readsOf, statementsOf, writesOf } from "./statement-locals.ts";
import { exposedLocals } from "./exposed-locals.ts";

/** Blocks of a function that run together or not at all: a rule's body, and what takes over the value it has found. */
export interface Unit {
  readonly blocks: readonly Block[];
  /** Tests of which each must hold for the unit to do anything; undefined when the unit may not be left out. */
  readonly guards: readonly Guard[] | undefined;
  /** Whether the unit can be a function of its own: it touches no local of the others but the result. */
  readonly isSeparate: boolean;
}

export function unitsOf(func: PlanFunction, functions: FunctionGuards): readonly Unit[] {
  const shared = exposedLocals(func.blocks);
  const units: Unit[] = [];
  for (let at = 0; at < func.blocks.length;) {
    const blocks = takeUnit(func.blocks, at);
    units.push(unitOf(blocks, { func, shared, functions }));
    at += blocks.length;
  }
  return ownReaders(units, func, shared)
    ? units
    : units.map((unit) => ({ ...unit, guards: undefined, isSeparate: false }));
}

/** A block that resets a local, with the blocks behind it that do nothing unless the local is set. */
function takeUnit(blocks: readonly Block[], start: number): readonly Block[] {
  const reset = resetLocal(blocks[start]);
  let end = start + 1;
  while (reset !== undefined && isWaitingFor(blocks[end], reset)) end += 1;
  return blocks.slice(start, end);
}

function resetLocal(block: Block | undefined): number | undefined {
  const first = block?.[0];
  return first?.kind === "ResetLocal" ? first.target : undefined;
}

function isWaitingFor(block: Block | undefined, local: number): boolean {
  const first = block?.[0];
  return first?.kind === "IsDefined" && first.source === local;
}

interface Context {
  readonly func: PlanFunction;
  readonly shared: ReadonlySet<number>;
  readonly functions: FunctionGuards;
}

function unitOf(blocks: readonly Block[], { func, shared, functions }: Context): Unit {
  const [first = []] = blocks;
  const [input = 0] = func.params;
  const guards = guardsOf(first, input, functions);
  const reset = resetLocal(first);
  // What the beginning leaves in a local that others read must be no more than the reset, which they do themselves.
  const isFree = [...statementsOf([first])].every((s) => isUnshared(s, { shared, allowed: [reset, func.result] }));
  const isSeparate = isFree && [...statementsOf(blocks)].every((s) => isContained(s, { func, shared, reset }));
  return { blocks, guards: isFree && guards.length > 0 ? guards : undefined, isSeparate };
}

function isUnshared(
  s: Statement,
  { shared, allowed }: { readonly shared: ReadonlySet<number>; readonly allowed: readonly (number | undefined)[] },
): boolean {
  return writesOf(s).every((local) => !shared.has(local) || allowed.includes(local));
}

function isContained(
  s: Statement,
  {
    func,
    shared,
    reset,
  }: { readonly func: PlanFunction; readonly shared: ReadonlySet<number>; readonly reset: number | undefined },
): boolean {
  if (s.kind === "ReturnLocal") return false;
  const own = [...func.params, func.result, reset];
  return [...readsOf(s), ...writesOf(s)].every((local) => !shared.has(local) || own.includes(local));
}

/** Whether every local that units reset is read, before it is assigned, only within a unit that has reset it. */
function ownReaders(units: readonly Unit[], func: PlanFunction, shared: ReadonlySet<number>): boolean {
  const resets = new Set(units.flatMap(({ blocks }) => resetLocal(blocks[0]) ?? []));
  return units.every(({ blocks }) => {
    const reset = resetLocal(blocks[0]);
    const exposed = exposedLocals(blocks);
    return [...resets].every(
      (local) => local === reset || !exposed.has(local) || !shared.has(local) || func.params.includes(local),
    );
  });
}
