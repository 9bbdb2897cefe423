import {
  createTrailVerifier,
  readCheckpoint,
  readCheckpointKey,
  splitCheckpoints,
  type CheckpointKey,
  type TrailReport,
  type TrailVerdict,
} from "@cortexos/audit";
import { screenText } from "./approvals-print.ts";
import { readLines } from "./audit-lines.ts";
import { CliError } from "./cli-error.ts";
import { readCommandFile } from "./command-files.ts";
import { onePositional, type CommandLine } from "./command-line.ts";
import { EXIT_CODES, type CliIo } from "./subcommand.ts";
import type { Verb } from "./verb.ts";

/** Faults that are shown; the others are counted. */
const FAULTS_SHOWN_MAX = 20;

/** `cortexos audit verify`. */
export const auditVerify: Verb = {
  name: "verify",
  usage:
    "audit verify <records.jsonl> [--checkpoints <notes>] [--key <public.pem> --key-name <name>] [--partial] [--json]",
  summary:
    "check a trail offline: integrity, completeness, signer, anchors and approvals, each pass, fail or unconfirmed; with --partial each writer's beginning may be missing. Exit 0 when all pass, 3 when one fails, 4 when one is unconfirmed",
  shape: { texts: ["checkpoints", "key", "key-name"], flags: ["json", "partial"] },
  async run(line, io) {
    const path = onePositional(line, undefined, "file with records");
    const verifier = createTrailVerifier(readKeys(line, io), { isPartial: line.flag("partial") });
    for await (const text of readLines(io.cwd, path)) verifier.line(text);
    for (const note of readNotes(line, io)) verifier.checkpoint(readCheckpoint(note));
    const report = verifier.finish();
    io.out(line.flag("json") ? `${JSON.stringify(report)}\n` : reportText(report));
    return exitCode(report);
  },
};

function readKeys(line: CommandLine, io: CliIo): readonly CheckpointKey[] {
  const file = line.text("key");
  const name = line.text("key-name");
  if (file === undefined) return [];
  if (name === undefined) throw new CliError("cli.usage", "--key-name <name> is missing: what the signer calls itself");
  return [readCheckpointKey(Buffer.from(readCommandFile(io.cwd, file, "the public key")).toString("utf8"), name)];
}

function readNotes(line: CommandLine, io: CliIo): readonly string[] {
  const file = line.text("checkpoints");
  if (file === undefined) return [];
  const text = Buffer.from(readCommandFile(io.cwd, file, "the checkpoints")).toString("utf8");
  return text === "" ? [] : splitCheckpoints(text);
}

const VERDICTS = ["integrity", "completeness", "signer", "anchors", "approvals"] as const;

function reportText(report: TrailReport): string {
  const { counts, faults } = report;
  const verdicts = VERDICTS.map((name) => `${name.padEnd(13)} ${report[name]}\n`).join("");
  const shown = faults
    .slice(0, FAULTS_SHOWN_MAX)
    .map((fault) => `  ${screenText(fault)}\n`)
    .join("");
  const more = faults.length > FAULTS_SHOWN_MAX ? `  and ${faults.length - FAULTS_SHOWN_MAX} more\n` : "";
  const summary =
    `${counts.recordCount} records in ${counts.batchCount} batches, ${counts.checkpointCount} checkpoints; ` +
    `batches without a checkpoint: ${counts.unanchoredCount}; lines without a seal: ${counts.unsealedCount}; ` +
    `batches that were never acknowledged: ${counts.unacknowledgedCount}; records without their payload: ${counts.omittedCount}\n`;
  return `${verdicts}${shown}${more}${summary}`;
}

function exitCode(report: TrailReport): number {
  const verdicts = new Set<TrailVerdict>(VERDICTS.map((name) => report[name]));
  if (verdicts.has("fail")) return EXIT_CODES.mismatch;
  return verdicts.has("unconfirmed") ? EXIT_CODES.unverifiable : EXIT_CODES.ok;
}
