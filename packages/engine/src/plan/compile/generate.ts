import { DATA_LOCAL, type Block, type EntryPlan, type Plan, type PlanFunction } from "../ir/statement.ts";
import { isMember } from "../builtins/comparisons.ts";
import { toLower } from "../builtins/letters.ts";
import { compileTest } from "../builtins/regex.ts";
import { split } from "../builtins/strings.ts";
import * as operations from "../run/operations.ts";
import { METER, overBudget } from "../run/meter.ts";
import { equal } from "../values/compare.ts";
import { lengthOf, lookup, lookupData, scannedValue, scanOf } from "../values/lookup.ts";
import { RegoObject } from "../values/object.ts";
import { RegoSet } from "../values/set.ts";
import { isObject, type Value } from "../values/value.ts";
import { readerSource } from "./emit-dot.ts";
import type { Emission, Scope } from "./emit-scope.ts";
import { emitBlocks } from "./emit-statement.ts";
import { emitUnits } from "./emit-index.ts";
import { functionGuard, type GuardedFunction } from "./guards.ts";
import { findUnits } from "./rule-index.ts";
import { unitsOf, type Unit } from "./units.ts";
import { findFunction } from "./function-table.ts";
import { localUse } from "./local-use.ts";
import { statementsOf } from "./statement-locals.ts";
import type { Linked, Program } from "./program.ts";

/** The plan as one piece of JS source. Nothing of the policy gets into it but through `JSON.stringify`. */
function generateSource(linked: Linked): GeneratedSource {
  const { plan } = linked;
  const out: Emission = {
    lines: [],
    constants: new Map(),
    builtins: new Map(),
    patterns: new Map(),
    readers: new Map(),
    data: hasDataPatches(plan) ? undefined : linked.data,
    functions: new Map(plan.functions.map((func, index) => [func.name, index])),
    files: plan.files,
    tail: [],
    indexes: [],
    nameLast: 0,
  };
  const units = unitsOfPlan(plan);
  for (const [index, func] of plan.functions.entries()) emitFunction(index, { func, units: units[index] ?? [] }, out);
  for (const [index, entry] of plan.plans.entries()) emitEntry(index, entry, out);
  return { source: assemble(out, plan.functions.length, plan.plans.length), out };
}

export interface GeneratedSource {
  readonly source: string;
  readonly out: Emission;
}

/**
 * Compiles the plan to JS.
 *
 * @throws EvalError where the process forbids generating code
 */
export function generateProgram(linked: Linked): Program {
  const { source, out } = generateSource(linked);
  const builtins = [...out.builtins.keys()].map((name) => linked.builtins.get(name));
  const scope = {
    ...RUNTIME,
    S: linked.state,
    tree: linked.tree,
    constants: [...out.constants.keys()],
    indexes: out.indexes,
    builtins,
  };
  const make: unknown = new Function(...Object.keys(scope), source); // oxlint-disable-line -- the point of tier C
  const entries: unknown = typeof make === "function" ? Reflect.apply(make, undefined, Object.values(scope)) : [];
  return { run: runner(entriesOf(entries), linked) };
}

const RUNTIME = {
  ...operations,
  METER,
  overBudget,
  equal,
  lengthOf,
  lookup,
  lookupData,
  scannedValue,
  scanOf,
  RegoObject,
  RegoSet,
  isObject,
  findFunction,
  findUnits,
  hasOwn: Object.hasOwn,
  compileTest,
  isMember,
  split,
  toLower,
};

type Entry = (input: Value | undefined, data: Value) => unknown;

function runner(entries: readonly Entry[], linked: Linked): Program["run"] {
  return (entry, input) => {
    entries[entry]?.(input, linked.data);
    return linked.state.results;
  };
}

function entriesOf(generated: unknown): readonly Entry[] {
  return generated as readonly Entry[]; // oxlint-disable-line -- what `assemble` has written
}

function assemble(out: Emission, functionCount: number, entryCount: number): string {
  const readers = [...out.readers].map(([key, name]) => readerSource(name, key));
  const builtins = [...out.builtins.values()].map((position) => `const B${position} = builtins[${position}];`);
  const memos = indexes(functionCount).map((index) => `let g${index} = 0, m${index};`);
  return [
    '"use strict";',
    ...readers,
    ...builtins,
    ...indexes(out.constants.size).map((index) => `const C${index} = constants[${index}];`),
    ...out.indexes.map((_, index) => `const X${index} = indexes[${index}];`),
    ...[...out.patterns].map(([pattern, position]) => `const T${position} = compileTest(${pattern});`),
    ...memos,
    ...out.lines,
    `const functions = [${indexes(functionCount)
      .map((index) => `f${index}`)
      .join()}];`,
    `return [${indexes(entryCount)
      .map((index) => `e${index}`)
      .join()}];`,
  ].join("\n");
}

/** Units of every function, callees first, since a call's guard is its function's. */
function unitsOfPlan(plan: Plan): readonly (readonly Unit[])[] {
  const guards = new Map<string, GuardedFunction>();
  const units = new Map<string, readonly Unit[]>();
  const byName = new Map(plan.functions.map((func) => [func.name, func]));
  const visit = (func: PlanFunction): void => {
    if (units.has(func.name)) return;
    units.set(func.name, []);
    for (const s of statementsOf(func.blocks)) {
      const callee = s.kind === "Call" ? byName.get(s.func) : undefined;
      if (callee !== undefined) visit(callee);
    }
    const found = unitsOf(func, guards);
    units.set(func.name, found);
    const guard = functionGuard(
      func,
      found.map((unit) => unit.guards),
    );
    if (guard !== undefined) guards.set(func.name, guard);
  };
  plan.functions.forEach(visit);
  return plan.functions.map(({ name }) => units.get(name) ?? []);
}

/** Whether any `with` replaces data; without one, data is a constant. */
function hasDataPatches(plan: Plan): boolean {
  const isPatch = (blocks: readonly Block[], data: number | undefined): boolean => {
    for (const statement of statementsOf(blocks))
      if (statement.kind === "With" && statement.local === data) return true;
    return false;
  };
  return (
    plan.plans.some(({ blocks }) => isPatch(blocks, DATA_LOCAL)) ||
    plan.functions.some(({ blocks, params }) => isPatch(blocks, params[1]))
  );
}

function indexes(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function emitFunction(
  index: number,
  { func, units }: { readonly func: PlanFunction; readonly units: readonly Unit[] },
  out: Emission,
): void {
  const scope: Scope = {
    out,
    func,
    use: localUse(func.blocks, func.params),
    levels: [],
    known: knownData(out, func.params[1]),
  };
  out.lines.push(`function f${index}(${func.params.map((local) => `l${local}`).join(", ")}) {`);
  // Only what has no arguments but input and data is worth remembering.
  const isMemoised = func.params.length === 2;
  if (isMemoised) out.lines.push(`const entered = S.generation; if (g${index} === entered) return m${index};`);
  out.lines.push("if (--METER.stepsLeft < 0) overBudget();");
  declareLocals(scope, func.params);
  emitUnits(units, func, scope);
  if (isMemoised) out.lines.push(`g${index} = entered; return m${index} = undefined;`);
  out.lines.push("}");
  // Not by spreading: there may be more of them than a call takes arguments.
  for (const line of out.tail.splice(0)) out.lines.push(line);
}

function emitEntry(index: number, entry: EntryPlan, out: Emission): void {
  const scope: Scope = {
    out,
    func: undefined,
    use: localUse(entry.blocks, [0, 1]),
    levels: [],
    known: knownData(out, DATA_LOCAL),
  };
  out.lines.push(`function e${index}(l0, l1) {`);
  declareLocals(scope, [0, 1]);
  emitBlocks(entry.blocks, scope);
  out.lines.push("}");
}

function knownData({ data }: Emission, local: number | undefined): Map<number, Value> {
  return data === undefined || local === undefined ? new Map() : new Map([[local, data]]);
}

function declareLocals(scope: Scope, params: readonly number[]): void {
  const names = [...scope.use.all].filter((local) => !params.includes(local)).map((local) => `l${local}`);
  if (names.length > 0) scope.out.lines.push(`let ${names.join(", ")};`);
}
