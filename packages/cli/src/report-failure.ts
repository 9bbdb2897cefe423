import { join } from "node:path";
import { formatDiagnostic, isCompilerError } from "@cortexos/compiler";
import { isCliError } from "./cli-error.ts";
import { EXIT_CODES, type CliIo } from "./subcommand.ts";

/** What a failure is reported about. */
export interface FailedCommand {
  /** For example `policy build`. */
  readonly name: string;
  readonly usage: string;
  /** Folder below which diagnostics name their files. */
  readonly root?: string;
  readonly json: boolean;
}

/**
 * Tells of a failure in one line, or one line for each place in the sources; as one JSON object on standard output with `--json`.
 *
 * @returns the exit code.
 */
export function reportFailure(reason: unknown, command: FailedCommand, io: CliIo): number {
  const usage = isCliError(reason) && reason.code === "cli.usage";
  const diagnostics = isCompilerError(reason) ? placed(reason.diagnostics, command.root) : [];
  const message = diagnostics.length > 0 ? countText(diagnostics.length) : oneLine(reason);
  if (command.json) io.out(`${JSON.stringify({ ok: false, code: codeOf(reason), message, diagnostics })}\n`);
  else {
    for (const diagnostic of diagnostics) io.error(`${formatDiagnostic(diagnostic)}\n`);
    io.error(`cortexos ${command.name}: ${message}\n`);
    if (usage) io.error(command.usage);
  }
  return usage ? EXIT_CODES.usage : EXIT_CODES.failed;
}

/** Diagnostics with their files as seen from where the command runs. */
export function placed<T extends { readonly file: string }>(
  items: readonly T[],
  root: string | undefined,
): readonly T[] {
  return root === undefined ? items : items.map((item) => ({ ...item, file: join(root, item.file) }));
}

export function countText(count: number): string {
  return count === 1 ? "1 error" : `${count} errors`;
}

function codeOf(reason: unknown): string {
  return reason instanceof Error && "code" in reason && typeof reason.code === "string" ? reason.code : "internal";
}

function oneLine(reason: unknown): string {
  const text = reason instanceof Error ? reason.message : typeof reason;
  return text.replaceAll(/\s+/g, " ").trim();
}
