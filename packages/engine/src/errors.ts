/** One row per failure a caller can act on. The key is the stable code; never reuse one. */
export const ENGINE_ERRORS = {
  "bundle.archive": { retryable: false, meaning: "not a strict, bounded .tar.gz of regular files" },
  "bundle.content": { retryable: false, meaning: "a file is missing, unknown, malformed or outside the roots" },
  "bundle.manifest": { retryable: false, meaning: "a field of .manifest is missing, unknown or wrong" },
  "bundle.signature": { retryable: false, meaning: "unsigned, or the signature doesn't cover exactly these files" },
  "bundle.revision": { retryable: false, meaning: "older than the revision that was asked for or is active" },
  "bundle.validity": { retryable: true, meaning: "outside the validity window of its manifest" },
  "bundle.builtin": { retryable: false, meaning: "the policy needs a built-in that is refused or not supplied" },
  "bundle.entrypoint": { retryable: false, meaning: "the entrypoint of the manifest isn't in the compiled policy" },
  "bundle.abi": { retryable: false, meaning: "policy.wasm is not a policy of an ABI that is supported" },
  "engine.key": { retryable: false, meaning: "a signing or trusted key is unusable for its algorithm" },
} as const;

/** Stable code of an {@link EngineError}. */
export type EngineErrorCode = keyof typeof ENGINE_ERRORS;

/** A bundle was refused or a key is unusable. What a policy decides is never an error. */
export class EngineError extends Error {
  override readonly name = "EngineError";
  readonly code: EngineErrorCode;

  constructor(code: EngineErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Works across two installed copies of this package, where `instanceof` does not. */
export function isEngineError(value: unknown): value is EngineError {
  return value instanceof Error && value.name === "EngineError" && "code" in value;
}

/** What was thrown, for people. Never throws itself: `String(Object.create(null))` would. */
export function messageOf(reason: unknown): string {
  if (reason instanceof Error) return reason.message;
  return typeof reason === "string" ? reason : `a thrown ${typeof reason}`;
}
