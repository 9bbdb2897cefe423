import type { Block, Operand, PlanFunction, Statement } from "../ir/statement.ts";

/** A test that a block begins with: a place in the input equals one of some texts, or begins with one. */
export interface Guard {
  /** Keys below the input, as JSON. */
  readonly path: string;
  readonly kind: "equal" | "prefix";
  readonly values: readonly string[];
}

/** What a function gives when none of its guards hold: nothing, or an empty set. */
export interface GuardedFunction {
  readonly guard: Guard;
  readonly otherwise: "undefined" | "empty";
}

/** Guards of functions by name. */
export type FunctionGuards = ReadonlyMap<string, GuardedFunction>;

/**
 * The guards among the statements with which a block begins. None of these statements has an effect, so that a block of which a
 * guard doesn't hold may be left out.
 */
export function guardsOf(block: Block, input: number, functions: FunctionGuards): readonly Guard[] {
  const guards: Guard[] = [];
  const paths = new Map<number, readonly string[]>([[input, []]]);
  for (const [index, statement] of block.entries()) {
    const guard = guardAt(statement, paths) ?? calledGuard(block, index, { input, functions });
    if (guard !== undefined) guards.push(guard);
    if (!step(statement, paths)) return guards;
  }
  return guards;
}

type Paths = Map<number, readonly string[]>;

/** Follows one statement; false when what comes next no longer belongs to the beginning. */
function step(s: Statement, paths: Paths): boolean {
  switch (s.kind) {
    case "Dot": {
      const source = pathOf(s.source, paths);
      note(paths, s.target, source !== undefined && s.key.type === "string" ? [...source, s.key.string] : undefined);
      return true;
    }
    case "AssignVar":
      note(paths, s.target, pathOf(s.source, paths));
      return true;
    case "ResetLocal":
    case "MakeNull":
    case "MakeNumberInt":
    case "MakeNumberRef":
      paths.delete(s.target);
      return true;
    case "Equal":
    case "NotEqual":
    case "IsArray":
    case "IsObject":
    case "IsSet":
    case "IsDefined":
    case "Nop":
      return true;
    default:
      return false;
  }
}

function guardAt(s: Statement, paths: Paths): Guard | undefined {
  if (s.kind === "Equal") return textGuard(s.a, s.b, paths) ?? textGuard(s.b, s.a, paths);
  if (s.kind !== "Call" || s.func !== "startswith") return undefined;
  const [text, prefix] = s.args;
  const guard = text === undefined || prefix === undefined ? undefined : textGuard(text, prefix, paths);
  return guard === undefined ? undefined : { ...guard, kind: "prefix" };
}

function textGuard(place: Operand, text: Operand, paths: Paths): Guard | undefined {
  const path = pathOf(place, paths);
  if (path === undefined || path.length === 0 || text.type !== "string") return undefined;
  return { path: JSON.stringify(path), kind: "equal", values: [text.string] };
}

interface Calling {
  readonly input: number;
  readonly functions: FunctionGuards;
}

/** A call whose function gives nothing without its guard; when it gives an empty set, all that may follow is to walk through it. */
function calledGuard(block: Block, index: number, { input, functions }: Calling): Guard | undefined {
  const call = block[index];
  if (call?.kind !== "Call") return undefined;
  const called = functions.get(call.func);
  const [first] = call.args;
  if (called === undefined || first?.type !== "local" || first.local !== input) return undefined;
  if (called.otherwise === "undefined") return called.guard;
  const next = block[index + 1];
  const isWalk = next?.kind === "Scan" && next.source === call.result && block.length === index + 2;
  return isWalk ? called.guard : undefined;
}

function pathOf(operand: Operand, paths: Paths): readonly string[] | undefined {
  return operand.type === "local" ? paths.get(operand.local) : undefined;
}

function note(paths: Paths, local: number, path: readonly string[] | undefined): void {
  if (path === undefined) paths.delete(local);
  else paths.set(local, path);
}

/** The guard of a whole function that consists of guarded units and of what makes and returns its result. */
export function functionGuard(
  func: PlanFunction,
  units: readonly (readonly Guard[] | undefined)[],
): GuardedFunction | undefined {
  if (func.params.length !== 2 || !endsWithReturn(func)) return undefined;
  const [first, ...rest] = units;
  const makesSet = first === undefined && isSetMaker(func.blocks[0], func.result);
  const guarded = (makesSet ? rest : units).slice(0, -1);
  const [some] = guarded;
  if (guarded.length === 0) return undefined;
  for (const { path, kind } of some ?? []) {
    const values = guarded.map((guards) => guards?.find((guard) => guard.path === path && guard.kind === kind)?.values);
    if (values.includes(undefined)) continue;
    const guard: Guard = { path, kind, values: [...new Set(values.flatMap((texts) => texts ?? []))] };
    return { guard, otherwise: makesSet ? "empty" : "undefined" };
  }
  return undefined;
}

function endsWithReturn({ blocks, result }: PlanFunction): boolean {
  const [last, ...more] = blocks.at(-1) ?? [];
  return more.length === 0 && last?.kind === "ReturnLocal" && last.source === result;
}

function isSetMaker(block: Block | undefined, result: number): boolean {
  const [only, ...more] = block ?? [];
  return more.length === 0 && only?.kind === "MakeSet" && only.target === result;
}
