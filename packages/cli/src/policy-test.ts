import { join } from "node:path";
import { openNativeOpa, readPackTree, testPacks, type PackTestReport } from "@cortexos/compiler";
import { CliError } from "./cli-error.ts";
import { onePositional, type CommandLine } from "./command-line.ts";
import { opaSearch, resolveTree } from "./policy-tree.ts";
import { EXIT_CODES, type CliIo } from "./subcommand.ts";
import type { Verb } from "./verb.ts";

/** `cortexos policy test`. */
export const policyTest: Verb = {
  name: "test",
  usage: "policy test [<folder>] [--run <pattern>] [--coverage] [--threshold <percent>] [--verbose] [--json]",
  summary: "run the tests of packs, and measure what of each rule they ran",
  shape: { texts: ["run", "threshold"], flags: ["coverage", "verbose", "json"] },
  async run(line, io) {
    const folder = onePositional(line, "policies", "folder");
    const threshold = readThreshold(line);
    const pattern = readPattern(line);
    const opa = await openNativeOpa(opaSearch(folder, io));
    const coverage = line.flag("coverage") || threshold !== undefined;
    const options = { coverage, ...(pattern === undefined ? {} : { pattern }) };
    const report = await testPacks(readPackTree(resolveTree(folder, io)), opa, options);
    const failed = report.results.filter((result) => !result.passed);
    const low = report.coverage.filter(({ percent }) => percent < (threshold ?? 0));
    const ok = failed.length === 0 && low.length === 0 && report.results.length > 0;
    if (line.flag("json")) io.out(`${JSON.stringify({ ok, ...report })}\n`);
    else printReport(report, { folder, threshold, verbose: line.flag("verbose"), coverage }, io);
    return ok ? EXIT_CODES.ok : EXIT_CODES.failed;
  },
};

interface PrintOptions {
  readonly folder: string;
  readonly threshold: number | undefined;
  readonly verbose: boolean;
  readonly coverage: boolean;
}

function printReport(report: PackTestReport, { folder, threshold, verbose, coverage }: PrintOptions, io: CliIo): void {
  const failed = report.results.filter((result) => !result.passed);
  for (const { name, file, row, passed, error } of report.results) {
    if (passed && !verbose) continue;
    const why = error === undefined ? "" : `: ${error}`;
    io.out(`${passed ? "✓" : "✗"} ${name} (${join(folder, file)}:${row})${why}\n`);
  }
  for (const { file, percent, missed } of report.coverage) {
    const low = percent < (threshold ?? 0);
    if (!low && !verbose && percent === 100) continue;
    const rows = missed.map(({ fromRow, toRow }) => (fromRow === toRow ? `${fromRow}` : `${fromRow}-${toRow}`));
    io.out(
      `${low ? "✗" : " "} ${percent} % ${join(folder, file)}${rows.length > 0 ? `, never ran: ${[...new Set(rows)].join(", ")}` : ""}\n`,
    );
  }
  if (coverage && failed.length === 0)
    io.out(`coverage: ${report.coverage.length} files, lowest ${lowest(report)} %\n`);
  if (report.results.length === 0) io.error(`cortexos policy test: no tests ran in ${folder}\n`);
  io.out(`${report.results.length - failed.length} passed, ${failed.length} failed\n`);
}

function lowest({ coverage }: PackTestReport): number {
  return Math.min(100, ...coverage.map(({ percent }) => percent));
}

function readThreshold(line: CommandLine): number | undefined {
  const text = line.text("threshold");
  if (text === undefined) return undefined;
  if (/^\d{1,3}(?:\.\d+)?$/.test(text) && Number(text) <= 100) return Number(text);
  throw new CliError("cli.usage", `--threshold: \`${text}\` is no percentage from 0 to 100`);
}

function readPattern(line: CommandLine): string | undefined {
  const pattern = line.text("run");
  try {
    if (pattern !== undefined) RegExp(pattern);
    return pattern;
  } catch (cause) {
    throw new CliError("cli.usage", `--run: \`${pattern ?? ""}\` is no regular expression`, { cause });
  }
}
