export { runCortexos, SUBCOMMANDS } from "./run-cortexos.ts";
export { EXIT_CODES, type CliIo, type Subcommand } from "./subcommand.ts";
export { CLI_ERRORS, CliError, isCliError, type CliErrorCode } from "./cli-error.ts";
export type { Surroundings } from "./approvals-endpoint.ts";
