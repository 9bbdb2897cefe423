/** One row per failure that a caller can act on. The key is stable; never reuse one. */
export const AUDIT_ERRORS = {
  "audit.key": {
    retryable: false,
    remedy: "give an Ed25519 key in PEM: the private one to sign, the public one to verify",
  },
  "audit.redaction": { retryable: false, remedy: "give 32 random bytes or more as the key, and RFC 6901 pointers" },
  "audit.name": { retryable: false, remedy: "name keys with letters, digits, `_`, `-` and `.`" },
} as const;

/** Stable code of an {@link AuditError}. */
export type AuditErrorCode = keyof typeof AUDIT_ERRORS;

/** A trail can't be signed or verified as asked. What is wrong with a trail is a {@link TrailReport}, never an error. */
export class AuditError extends Error {
  override readonly name = "AuditError";
  readonly code: AuditErrorCode;

  constructor(code: AuditErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Works across two installed copies of this package, where `instanceof` does not. */
export function isAuditError(value: unknown): value is AuditError {
  return value instanceof Error && value.name === "AuditError" && "code" in value;
}
