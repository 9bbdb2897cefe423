import type { Plan } from "../ir/statement.ts";
import type { RunState } from "../run/state.ts";
import type { Value } from "../values/value.ts";
import type { FunctionTree } from "./function-table.ts";

/** A built-in with its errors caught. */
export type GuardedBuiltin = (...args: readonly (Value | undefined)[]) => Value | undefined;

/** A plan with everything its statements refer to. */
export interface Linked {
  readonly plan: Plan;
  readonly state: RunState;
  readonly builtins: ReadonlyMap<string, GuardedBuiltin>;
  readonly tree: FunctionTree;
}

/** Something that runs: generated code or closures. */
export interface Program {
  /** Runs an entrypoint by its position in the plan; gives the result set. */
  readonly run: (entry: number, input: Value | undefined, data: Value) => Value[];
}
