/** One row per failure that a caller can act on. The key is stable; never reuse one. */
export const SDK_ERRORS = {
  "bundle.source": { retryable: true, remedy: "check the source of the bundle, its address and its access rights" },
  "client.closed": { retryable: false, remedy: "publish before the connection is closed" },
  "client.command": {
    retryable: false,
    remedy: "use the client's own methods, with names free of blanks and line ends",
  },
  "client.guarded": { retryable: false, remedy: "guard a connection once" },
  "client.unknown": {
    retryable: false,
    remedy: "use nats 2.x or @nats-io/transport-node 3.x in a version that this package was tested with",
  },
  "guard.closed": { retryable: false, remedy: "use a guard before it is closed" },
  "queue.full": { retryable: true, remedy: "wait with flush() now and then, or give records a faster place" },
  "tool.arguments": { retryable: false, remedy: "give arguments that the tool's schema accepts" },
  "tool.changed": { retryable: false, remedy: "let rules change only the arguments of a tool call" },
  "tool.denied": { retryable: false, remedy: "do something else: the policy doesn't allow this call" },
  "tool.throttled": { retryable: true, remedy: "call again after the time that the error names" },
} as const;

/** Stable code of an {@link SdkError}. */
export type SdkErrorCode = keyof typeof SDK_ERRORS;

/** Something can't be done by this package. What a NATS client has an error of its own for is told with that one. */
export class SdkError extends Error {
  override readonly name = "SdkError";
  readonly code: SdkErrorCode;

  constructor(code: SdkErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Works across two installed copies of this package, where `instanceof` does not. */
export function isSdkError(value: unknown): value is SdkError {
  return value instanceof Error && value.name === "SdkError" && "code" in value;
}

/** The text of whatever was thrown, in one line. */
export function reasonText(reason: unknown): string {
  const text = reason instanceof Error ? reason.message : typeof reason === "string" ? reason : typeof reason;
  return text.replaceAll(/\s+/g, " ");
}
