/** Failures of this package that a caller can act on. The key is the stable code; never reuse one. */
export const PROTOCOL_ERRORS = {
  "subject.part": "a part of a subject is not one valid token",
  "memory_pointer.part": "an id of a memory pointer has characters that it can't have",
} as const;

export type ProtocolErrorCode = keyof typeof PROTOCOL_ERRORS;

/** Something that can't be written as the protocol asks. What comes from outside is answered with values instead. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly code: ProtocolErrorCode;

  constructor(code: ProtocolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Works across two installed copies of this package, where `instanceof` does not. */
export function isProtocolError(value: unknown): value is ProtocolError {
  return value instanceof Error && value.name === "ProtocolError" && "code" in value;
}
