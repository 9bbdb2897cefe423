/** One row per failure of a command that no other package has a code for. */
export const CLI_ERRORS = {
  "cli.usage": "the command line is wrong",
  "cli.file": "a file is missing, can't be read or can't be written",
  "cli.deployment": "a server's monitoring or configuration can't be read",
  "cli.input": "a file is neither an input nor a decision record",
} as const;

export type CliErrorCode = keyof typeof CLI_ERRORS;

/** A command can't be run as asked. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly code: CliErrorCode;

  constructor(code: CliErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Works across two installed copies of this package, where `instanceof` does not. */
export function isCliError(value: unknown): value is CliError {
  return value instanceof Error && value.name === "CliError" && "code" in value;
}
