#!/usr/bin/env node
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { REPO_ROOT } from "./repo-root.mjs";
import { runCommand } from "./run-command.mjs";
import { ensureSetup, runScript } from "./setup.mjs";
import { SetupError } from "./setup/setup-error.mjs";
import { addCounts, countVitest, formatCounts, NO_TESTS, readCounts, withStatus } from "./test-counts.mjs";

const RESULTS_DIR = path.join(REPO_ROOT, ".cortexos", "test-results");
const VITEST = path.join(REPO_ROOT, "node_modules", "vitest", "vitest.mjs");
const CORTEXOS = path.join(REPO_ROOT, "packages", "cli", "bin", "cortexos.mjs");
const POLICY_COVERAGE_PERCENT = 100;
/** Together less than the quarter of an hour that the whole run may take. */
const TIMEOUT_MS = { unit: 4 * 60_000, integration: 10 * 60_000, policies: 50_000 };

/**
 * `npm test`: the unit tests, the tests against real servers, and the policies' own. Ends with one counted line.
 * Arguments go to Vitest, to run a part: `npm test -- packages/wire`; `npm test -- policies` runs the policies' alone.
 */
async function main() {
  const filters = process.argv.slice(2);
  const env = await setUp();
  if (env === undefined) return report(withStatus(NO_TESTS, 1));
  let counts = NO_TESTS;
  if (filters.join() !== "policies") {
    // One after the other: a unit test must not take the processor from a test that talks to a real server.
    for (const project of ["unit", "integration"]) {
      counts = addCounts(counts, await runVitest(project, { filters, env }));
    }
  }
  if (filters.length === 0 || filters.includes("policies")) counts = addCounts(counts, await runPolicyTests(env));
  return report(counts);
}

function report(counts) {
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
  const results = path.join(RESULTS_DIR, `${project}.json`);
  rmSync(results, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${results}`];
  const args = [VITEST, "run", "--project", project, "--passWithNoTests", ...reporters, ...filters];
  const { status } = await runNode(args, { env, output: "show", timeoutMs: TIMEOUT_MS[project] });
  return withStatus(existsSync(results) ? countVitest(JSON.parse(readFileSync(results, "utf8"))) : NO_TESTS, status);
}

async function runPolicyTests(env) {
  console.log("\n policies\n");
  const args = [CORTEXOS, "policy", "test", "policies", "--threshold", String(POLICY_COVERAGE_PERCENT)];
  const { status, stdout } = await runNode(args, { env, output: "both", timeoutMs: TIMEOUT_MS.policies });
  console.log();
  return withStatus(readCounts(stdout) ?? NO_TESTS, status);
}

function runNode(args, options) {
  return runCommand(process.execPath, args, { cwd: REPO_ROOT, ...options });
}

await runScript(main);
