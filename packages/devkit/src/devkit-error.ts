/** One row per failure of a tool or a helper. The key is stable; never reuse one. */
export const DEVKIT_ERRORS = {
  "port.none": { remedy: "end what listens on so many ports" },
  "process.exited": { remedy: "read the log that the message quotes" },
  "process.failed": { remedy: "check the command's path and permissions" },
  "process.stopped": { remedy: "start a new one: what was stopped has given its folder back" },
  "tool.missing": { remedy: "npm run setup" },
  "tool.version": { remedy: "npm run setup, or name a newer one in the tool's environment variable" },
  "wait.closed": { remedy: "the other side closed first; read what it had sent" },
  "wait.timeout": { remedy: "read what had arrived until then, quoted in the message" },
} as const;

/** Stable code of a {@link DevkitError}. */
export type DevkitErrorCode = keyof typeof DEVKIT_ERRORS;

/** A server could not be brought up, or what a test waited for did not come. */
export class DevkitError extends Error {
  override readonly name = "DevkitError";
  readonly code: DevkitErrorCode;

  constructor(code: DevkitErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
