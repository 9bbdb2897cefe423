/** One row for each failure that a caller can act on. */
export const EVALS_ERRORS = {
  "evals.dataset": "the file with tasks is missing, unreadable, or not of the shape that the README describes",
  "evals.usage": "the command line is wrong",
} as const;

export type EvalsErrorCode = keyof typeof EVALS_ERRORS;

/** An evaluation couldn't run. A call that the policy stops is a result, never an error. */
export class EvalsError extends Error {
  override readonly name = "EvalsError";
  readonly code: EvalsErrorCode;

  constructor(code: EvalsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Works across two installed copies of this package, where `instanceof` doesn't. */
export function isEvalsError(value: unknown): value is EvalsError {
  return value instanceof Error && value.name === "EvalsError" && "code" in value;
}
