import type { Surroundings } from "./approvals-endpoint.ts";

/** Where a command writes and what it finds around it. */
export interface CliIo extends Surroundings {
  out(text: string): void;
  error(text: string): void;
  /** Nanoseconds since 1970, for the validity of bundles. */
  nowNs(): bigint;
}

/** Exit codes of every command. */
export const EXIT_CODES = {
  /** Done; `verify`: match. */
  ok: 0,
  /** Refused or failed. */
  failed: 1,
  /** Wrong usage. */
  usage: 2,
  /** `verify`: the record says something else than what is computed again. `doctor`: something must be mended. */
  mismatch: 3,
  /** `verify`: what would be needed to compute it again is not there. */
  unverifiable: 4,
} as const;

/** One entry of the table of commands. */
export interface Subcommand {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** @returns the exit code. Never throws. */
  run(args: readonly string[], io: CliIo): Promise<number>;
}
