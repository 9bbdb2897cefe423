/** Failures of tier C. Keys are stable; `opa` is the code OPA itself would give. */
export const PLAN_ERRORS = {
  "plan.invalid": { opa: undefined },
  "plan.builtin": { opa: undefined },
  "plan.entrypoint": { opa: undefined },
  "evaluation.input": { opa: undefined },
  "evaluation.conflict": { opa: "eval_conflict_error" },
  "evaluation.builtin": { opa: "eval_builtin_error" },
  "evaluation.type": { opa: "eval_type_error" },
  "evaluation.budget": { opa: "eval_cancel_error" },
  "evaluation.depth": { opa: undefined },
} as const;

export type PlanErrorCode = keyof typeof PLAN_ERRORS;

/** A plan can't be loaded or an evaluation failed. An undefined result is a value, never this. */
export class PlanError extends Error {
  override readonly name = "PlanError";
  readonly code: PlanErrorCode;

  constructor(code: PlanErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
