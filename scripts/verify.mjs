#!/usr/bin/env node
import path from "node:path";
import { parseArgs } from "node:util";
import { publishablePackages } from "./publishable-packages.mjs";
import { REPO_ROOT } from "./repo-root.mjs";
import { runCommand } from "./run-command.mjs";
import { ensureSetup, runScript } from "./setup.mjs";
import { formatSeconds } from "./setup/progress.mjs";

const STEP_TIMEOUT_MS = 20 * 60_000;

/**
 * `npm run verify`: everything that must hold before a change goes in. Stops at the first step that fails;
 * `--keep-going` runs the rest too, `--skip <step>` (repeatable) leaves one out.
 */
async function main() {
  const { values } = parseArgs({
    options: {
      skip: { type: "string", multiple: true, default: [] },
      "keep-going": { type: "boolean", default: false },
    },
  });
  const { env } = await ensureSetup();
  const steps = listSteps().filter((step) => !values.skip.includes(step.name));
  const results = await runSteps(steps, { env, keepGoing: values["keep-going"] });
  printSummary(results);
  return results.every((result) => result.state === "ok") ? 0 : 1;
}

function listSteps() {
  const bin = (name, ...args) => [path.join(REPO_ROOT, "node_modules", ".bin", name), ...args];
  const script = (name, ...args) => [process.execPath, path.join(import.meta.dirname, name), ...args];
  return [
    { name: "format", commands: [bin("prettier", "--check", "--log-level", "warn", ".")] },
    { name: "lint", commands: [bin("oxlint", "--type-aware", "--deny-warnings")] },
    { name: "types", commands: [["npm", "run", "--silent", "typecheck"]] },
    { name: "tests", commands: [script("test.mjs")] },
    { name: "packages", commands: publishablePackages().flatMap(({ folder }) => packageChecks(bin, folder)) },
    { name: "unused", commands: [bin("knip", "--no-progress")] },
    { name: "generated", commands: [script("check-generated.mjs")] },
  ];
}

function packageChecks(bin, folder) {
  return [
    bin("publint", "run", "--strict", folder),
    bin("attw", "--pack", folder, "--profile", "esm-only", "--format", "ascii", "--no-color"),
  ];
}

/**
 * @param {readonly { name: string, commands: readonly string[][] }[]} steps
 * @param {{ env: NodeJS.ProcessEnv, keepGoing: boolean }} options
 */
async function runSteps(steps, { env, keepGoing }) {
  const results = [];
  for (const { name, commands } of steps) {
    const stopped = !keepGoing && results.some((result) => result.state === "failed");
    results.push(stopped ? { name, state: "not run", ms: 0 } : await runStep(name, commands, env));
  }
  return results;
}

/**
 * @param {string} name
 * @param {readonly string[][]} commands
 * @param {NodeJS.ProcessEnv} env
 */
async function runStep(name, commands, env) {
  console.log(`\n── ${name}`);
  const startMs = performance.now();
  let state = "ok";
  for (const [command, ...args] of commands) {
    // Tests speak as they go; of the rest only failures are worth reading.
    const output = name === "tests" ? "show" : "capture";
    const result = await runCommand(command, args, { cwd: REPO_ROOT, env, output, timeoutMs: STEP_TIMEOUT_MS });
    if (result.status === 0) continue;
    state = "failed";
    console.log(`${path.basename(command)} ${args.join(" ")}\n${result.stdout}${result.stderr}`);
  }
  return { name, state, ms: performance.now() - startMs };
}

function printSummary(results) {
  console.log("\n── summary");
  for (const { name, state, ms } of results) {
    console.log(
      `${name.padEnd(10)} ${state.padEnd(8)} ${state === "not run" ? "" : formatSeconds(ms).padStart(8)}`.trimEnd(),
    );
  }
}

await runScript(main);
