import type { Value } from "../values/value.ts";

/** What an evaluation lends to built-ins. */
export interface BuiltinContext {
  /** The clock of this evaluation in nanoseconds since 1970; undefined when the caller gave none. */
  readonly nowNs: bigint | undefined;
  /** Pays for work in proportion to sizes that the policy controls; throws when the budget is used up. */
  readonly charge: (steps: number) => void;
}

/** A built-in as the plan calls it: arguments unchecked. */
export type UncheckedBuiltin = (context: BuiltinContext, ...args: readonly Value[]) => Value | undefined;

/**
 * A built-in's error: undefined to the policy, or an error of the evaluation when the caller asks for strictness. Thrown, but no `Error`:
 * policies fail on purpose, by the thousand, and taking down the stack costs more than the whole rest of an evaluation.
 */
export class BuiltinFailure {
  readonly message: string;
  /** True when an operand has the wrong type, which OPA reports under another code. */
  readonly isTypeError: boolean;

  constructor(message: string, isTypeError = false) {
    this.message = message;
    this.isTypeError = isTypeError;
  }
}
