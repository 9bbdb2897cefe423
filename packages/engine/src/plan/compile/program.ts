import type { Plan } from "../ir/statement.ts";
import type { GuardedBuiltin, RunState } from "../run/state.ts";
import type { Value } from "../values/value.ts";
import type { FunctionTree } from "./function-table.ts";

/** A plan with everything its statements refer to. */
export interface Linked {
  readonly plan: Plan;
  readonly state: RunState;
  readonly builtins: ReadonlyMap<string, GuardedBuiltin>;
  readonly tree: FunctionTree;
  /** The data document, which never changes. */
  readonly data: Value;
}

/** Something that runs: generated code or closures. */
export interface Program {
  /** Runs an entrypoint by its position in the plan; gives the result set. */
  readonly run: (entry: number, input: Value | undefined) => Value[];
}
