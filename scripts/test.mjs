#!/usr/bin/env node
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { REPO_ROOT } from "./repo-root.mjs";
import { runCommand } from "./run-command.mjs";
import { ensureSetup, runScript } from "./setup.mjs";
import { SetupError } from "./setup/setup-error.mjs";
import { addCounts, countVitest, formatCounts, NO_TESTS, withStatus } from "./test-counts.mjs";

const RESULTS_DIR = path.join(REPO_ROOT, ".cortexos", "test-results");
const VITEST = path.join(REPO_ROOT, "node_modules", "vitest", "vitest.mjs");
/** Together less than the quarter of an hour that the whole run may take. */
const TIMEOUT_MS = { unit: 5 * 60_000, integration: 8 * 60_000 };

/**
 * `npm test`: the unit tests, the tests against real servers, and the policies' own. Ends with one counted line.
 * Arguments go to Vitest, to run a part: `npm test -- packages/wire`.
 */
async function main() {
  const filters = process.argv.slice(2);
  const env = await setUp();
  if (env === undefined) {
    console.log(formatCounts(withStatus(NO_TESTS, 1)));
    return 1;
  }
  let counts = NO_TESTS;
  // One after the other: a unit test must not take the processor from a test that talks to a real server.
  for (const project of ["unit", "integration"]) counts = addCounts(counts, await runVitest(project, { filters, env }));
  console.log(formatCounts(counts));
  return counts.failed === 0 ? 0 : 1;
}

/** A set-up or build that fails is told, and counted as a failure. */
async function setUp() {
  try {
    return (await ensureSetup()).env;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return undefined;
  }
}

async function runVitest(project, { filters, env }) {
  mkdirSync(RESULTS_DIR, { recursive: true });
  const report = path.join(RESULTS_DIR, `${project}.json`);
  rmSync(report, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const args = [VITEST, "run", "--project", project, "--passWithNoTests", ...reporters, ...filters];
  const { status } = await runCommand(process.execPath, args, {
    cwd: REPO_ROOT,
    env,
    output: "show",
    timeoutMs: TIMEOUT_MS[project],
  });
  return withStatus(existsSync(report) ? countVitest(JSON.parse(readFileSync(report, "utf8"))) : NO_TESTS, status);
}

await runScript(main);
