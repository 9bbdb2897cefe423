import { auditEvent, type TrailRecord } from "@cortexos/audit";
import { createFilter, FILTER_OPTIONS, FILTER_USAGE } from "./audit-filter.ts";
import { readTrail } from "./audit-lines.ts";
import { CliError } from "./cli-error.ts";
import { onePositional, type CommandLine } from "./command-line.ts";
import { screenText } from "./approvals-print.ts";
import { EXIT_CODES } from "./subcommand.ts";
import type { Verb } from "./verb.ts";

/** Records that `tail` shows unless told otherwise. */
const TAIL_COUNT = 20;

/** Most records that `tail` keeps. */
const TAIL_COUNT_MAX = 100_000;

/** `cortexos audit query`. */
export const auditQuery: Verb = {
  name: "query",
  usage: `audit query <records.jsonl> ${FILTER_USAGE} [--text]`,
  summary: "print the records that are asked for as they are, one a line; with --text one line for people",
  shape: { texts: [...FILTER_OPTIONS], flags: ["text"] },
  async run(line, io) {
    const isWanted = createFilter(line);
    for await (const found of readTrail(io.cwd, pathOf(line))) if (isWanted(found)) io.out(lineOf(found, line));
    return EXIT_CODES.ok;
  },
};

/** `cortexos audit tail`. */
export const auditTail: Verb = {
  name: "tail",
  usage: `audit tail <records.jsonl> [--count <n>] ${FILTER_USAGE} [--json]`,
  summary: `print the last records that are asked for, ${TAIL_COUNT} unless told otherwise, one line each for people; as they are with --json`,
  shape: { texts: ["count", ...FILTER_OPTIONS], flags: ["json"] },
  async run(line, io) {
    const count = countOf(line);
    const isWanted = createFilter(line);
    const last: TrailRecord[] = [];
    for await (const found of readTrail(io.cwd, pathOf(line))) {
      if (!isWanted(found)) continue;
      last.push(found);
      if (last.length > count) last.shift();
    }
    for (const found of last) io.out(line.flag("json") ? `${found.line}\n` : textOf(found));
    return EXIT_CODES.ok;
  },
};

function pathOf(line: CommandLine): string {
  return onePositional(line, undefined, "file with records");
}

function countOf(line: CommandLine): number {
  const count = Number(line.text("count") ?? TAIL_COUNT);
  if (Number.isSafeInteger(count) && count > 0 && count <= TAIL_COUNT_MAX) return count;
  throw new CliError("cli.usage", `--count wants a whole number from 1 to ${TAIL_COUNT_MAX}`);
}

function lineOf(found: TrailRecord, line: CommandLine): string {
  return line.flag("text") ? textOf(found) : `${found.line}\n`;
}

/** One line for people. What senders wrote is made safe for a terminal. */
function textOf({ record, seal }: TrailRecord): string {
  const { actor, chain, detail, event, outcome, reason_codes: codes, resource, ts } = auditEvent(record, seal);
  const parts = [ts, event.type, outcome, actor?.agent_id, resource?.subject, resource?.tool, codes.join(","), detail];
  const place = chain === undefined ? "unsealed" : `${chain.writer}/${chain.epoch}/${chain.seq}`;
  const shown = parts.filter((part) => part !== undefined && part !== "").map(screenText);
  return `${[...shown, event.id, place].join("  ")}\n`;
}
