import { createReadStream, statSync } from "node:fs";
import { resolve } from "node:path";
import { createTrailReader, type TrailRecord } from "@cortexos/audit";
import { CliError } from "./cli-error.ts";

/** Longest line that is looked at; the rest of a longer one is dropped, so that it is no record. */
const LINE_CHARS_MAX = 16_777_216;

/**
 * The lines of a file of records, however large it is, each with its end.
 *
 * @throws CliError `cli.file`.
 */
export async function* readLines(cwd: string, path: string): AsyncGenerator<string> {
  const file = resolve(cwd, path);
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new CliError("cli.file", `the records \`${path}\`: there is no such file`);
  }
  let rest = "";
  for await (const chunk of createReadStream(file, { encoding: "utf8" })) {
    const lines = (rest + String(chunk)).split(/(?<=\n)/);
    rest = lines.at(-1)?.endsWith("\n") === true ? "" : (lines.pop() ?? "");
    if (rest.length > LINE_CHARS_MAX) rest = rest.slice(0, LINE_CHARS_MAX);
    yield* lines;
  }
  if (rest !== "") yield rest;
}

/** The records of a file in order, each with the seal of its batch. @throws CliError `cli.file`. */
export async function* readTrail(cwd: string, path: string): AsyncGenerator<TrailRecord> {
  const reader = createTrailReader();
  for await (const line of readLines(cwd, path)) yield* reader.line(line);
  yield* reader.end();
}
