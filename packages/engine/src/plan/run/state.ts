/* oxlint-disable max-params -- as many as a built-in takes */
import { PlanError } from "../plan-error.ts";
import { BuiltinFailure, type BuiltinContext, type UncheckedBuiltin } from "./builtin.ts";
import type { Value } from "../values/value.ts";

/** What changes while one evaluation runs. One per evaluator: evaluations never overlap. */
export interface RunState {
  /** Which memo entries are current; a `with` gets a number of its own. */
  generation: number;
  generationLast: number;
  stepsLeft: number;
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
    stepsLeft: 0,
    results: [],
    returned: undefined,
    failure: undefined,
    nowNs: undefined,
  };
}

export function beginRun(state: RunState, steps: number, nowNs: bigint | undefined): void {
  state.generationLast += 1;
  state.generation = state.generationLast;
  state.stepsLeft = steps;
  state.results = [];
  state.failure = undefined;
  state.nowNs = nowNs;
}

/** Takes `steps` from the budget. */
function chargeSteps(state: RunState, steps: number): void {
  state.stepsLeft -= steps;
  if (state.stepsLeft < 0) overBudget();
}

export function overBudget(): never {
  throw new PlanError("evaluation.budget", "evaluation used up its budget of steps");
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
    charge: (steps) => chargeSteps(state, steps),
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
      if (b === undefined) return arity <= 1 ? builtin(context, a) : undefined;
      if (c === undefined) return arity <= 2 ? builtin(context, a, b) : undefined;
      if (d === undefined) return arity <= 3 ? builtin(context, a, b, c) : undefined;
      return builtin(context, a, b, c, d);
    } catch (reason) {
      return failed(reason);
    }
  };
}
