/* oxlint-disable max-params -- as many as a built-in takes */
import { RegoNumber, spendDigits } from "../values/number.ts";
import { RegoObject } from "../values/object.ts";
import { RegoSet } from "../values/set.ts";
import { BuiltinFailure, type BuiltinContext, type UncheckedBuiltin } from "./builtin.ts";
import { METER, spend, spendCharacters } from "./meter.ts";
import type { Value } from "../values/value.ts";

/** What changes while one evaluation runs. One per evaluator: evaluations never overlap. */
export interface RunState {
  /** Which memo entries are current; a `with` gets a number of its own. */
  generation: number;
  generationLast: number;
  results: Value[];
  /** What the interpreter's current function returns. */
  returned: Value | undefined;
  /** The first error of a built-in, kept for strict evaluations. */
  failure: { readonly builtin: string; readonly cause: BuiltinFailure } | undefined;
  nowNs: bigint | undefined;
}

export function createRunState(): RunState {
  return {
    generation: 0,
    generationLast: 0,
    results: [],
    returned: undefined,
    failure: undefined,
    nowNs: undefined,
  };
}

export function beginRun(state: RunState, steps: number, nowNs: bigint | undefined): void {
  state.generationLast += 1;
  state.generation = state.generationLast;
  METER.stepsLeft = steps;
  state.results = [];
  state.failure = undefined;
  state.nowNs = nowNs;
}

/** A built-in with its errors caught; a missing argument makes it undefined. */
export type GuardedBuiltin = (a?: Value, b?: Value, c?: Value, d?: Value) => Value | undefined;

/** A built-in and how the policy calls it. */
export interface NamedBuiltin {
  readonly name: string;
  /** Number of arguments. */
  readonly arity: number;
  readonly builtin: UncheckedBuiltin;
}

/** Wraps a built-in so that its errors become undefined and are remembered. */
export function guardBuiltin({ name, arity, builtin }: NamedBuiltin, state: RunState): GuardedBuiltin {
  const context: BuiltinContext = {
    get nowNs() {
      return state.nowNs;
    },
    charge: spend,
  };
  const failed = (reason: unknown): undefined => {
    if (!(reason instanceof BuiltinFailure)) throw reason;
    state.failure ??= { builtin: name, cause: reason };
    return undefined;
  };
  // By number of arguments: collecting them into a list costs more than most built-ins do.
  return (a, b, c, d) => {
    try {
      if (a === undefined) return arity === 0 ? builtin(context) : undefined;
      spendRead(a);
      if (b === undefined) return arity <= 1 ? made(builtin(context, a)) : undefined;
      spendRead(b);
      if (c === undefined) return arity <= 2 ? made(builtin(context, a, b)) : undefined;
      spendRead(c);
      if (d === undefined) return arity <= 3 ? made(builtin(context, a, b, c)) : undefined;
      return made(builtin(context, a, b, c, d));
    } catch (reason) {
      return failed(reason);
    }
  };
}

/** Pays for an argument that is long in itself, which most built-ins look through once; those that do more pay for more. */
function spendRead(value: Value): void {
  if (typeof value === "string") {
    if (value.length > 64) spend(value.length >> 6);
  } else if (typeof value === "object") spendComposite(value);
}

/** Pays for what a built-in made: results that feed the next call are how little code makes much. */
function made(value: Value | undefined): Value | undefined {
  if (typeof value === "string") spendCharacters(value.length);
  else if (typeof value === "object") spendComposite(value);
  return value;
}

function spendComposite(value: object | null): void {
  if (Array.isArray(value)) spend(value.length >> 3);
  else if (value instanceof RegoSet || value instanceof RegoObject) spend(value.size >> 3);
  else if (value instanceof RegoNumber) spendDigits(value);
}
