/** One row per failure of an examination. */
export const DOCTOR_ERRORS = {
  "doctor.config": "a configuration file of nats-server can't be read, or isn't one",
  "doctor.monitor": "the server's monitoring doesn't answer, or not as a nats-server does",
} as const;

export type DoctorErrorCode = keyof typeof DOCTOR_ERRORS;

/** A deployment can't be examined. */
export class DoctorError extends Error {
  override readonly name = "DoctorError";
  readonly code: DoctorErrorCode;

  constructor(code: DoctorErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Works across two installed copies of this package, where `instanceof` does not. */
export function isDoctorError(value: unknown): value is DoctorError {
  return value instanceof Error && value.name === "DoctorError" && "code" in value;
}
