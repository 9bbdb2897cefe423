import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { CliError } from "./cli-error.ts";

/** Largest file that a command reads. */
const COMMAND_FILE_BYTES_MAX: number = 64 * 1024 * 1024;

/** @throws CliError `cli.file`. */
export function readCommandFile(cwd: string, path: string, what: string): Uint8Array {
  const file = resolve(cwd, path);
  try {
    if (statSync(file).size <= COMMAND_FILE_BYTES_MAX) return readFileSync(file);
  } catch (cause) {
    throw new CliError("cli.file", `${what} \`${path}\`: ${reasonOf(cause)}`, { cause });
  }
  throw new CliError("cli.file", `${what} \`${path}\`: larger than ${COMMAND_FILE_BYTES_MAX} bytes`);
}

/**
 * Writes a file as a whole: whoever reads it sees the old one or the new one.
 *
 * @throws CliError `cli.file`.
 */
export function replaceFile(cwd: string, path: string, bytes: Uint8Array): void {
  const file = resolve(cwd, path);
  const partial = `${file}.${process.pid}.part`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(partial, bytes);
    renameSync(partial, file);
  } catch (cause) {
    discard(partial);
    throw new CliError("cli.file", `\`${path}\` can't be written: ${reasonOf(cause)}`, { cause });
  }
}

/**
 * Writes a file that must not be there yet.
 *
 * @param mode - for example 0o600 for a secret.
 * @throws CliError `cli.file`.
 */
export function createFile(
  cwd: string,
  path: string,
  { text, mode }: { readonly text: string; readonly mode: number },
): void {
  const file = resolve(cwd, path);
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode, flag: "wx" });
  } catch (cause) {
    throw new CliError("cli.file", `\`${path}\` can't be written: ${reasonOf(cause)}`, { cause });
  }
}

/** What can't be removed can't be told about either: the failure before it is the one that matters. */
function discard(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // As said above.
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EEXIST: "it is there already",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of the path is no folder",
  EACCES: "no permission",
  EPERM: "no permission",
  ENOSPC: "the disk is full",
};

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
  return REASONS[code] ?? code;
}
