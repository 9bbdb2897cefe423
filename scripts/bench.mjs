#!/usr/bin/env node
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { benchResultName, splitBenchOutput } from "./bench-output.mjs";
import { readMachineFacts } from "./machine-facts.mjs";
import { REPO_ROOT } from "./repo-root.mjs";
import { runCommand } from "./run-command.mjs";
import { ensureSetup, runScript } from "./setup.mjs";
import { formatSeconds } from "./setup/progress.mjs";
import { SetupError } from "./setup/setup-error.mjs";

const RESULTS_DIR = path.join(REPO_ROOT, "bench-results");
const BENCH_TIMEOUT_MS = 30 * 60_000;

/**
 * `npm run bench`: runs the benchmarks of the workspaces, one after the other, and keeps what each measured: every
 * line on standard output that is a JSON object is a result, the others are for people and are kept as they are.
 * Arguments choose by name: `npm run bench -- wire` runs those whose path contains `wire`.
 */
async function main() {
  const wanted = process.argv.slice(2);
  const benches = findBenches().filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)));
  if (benches.length === 0) throw new SetupError(`no benchmark ${wanted.length === 0 ? "exists" : "has that name"}`);
  const { env } = await ensureSetup();
  const failed = [];
  for (const file of benches) if (!(await runBench(file, env))) failed.push(file);
  if (failed.length > 0) throw new SetupError(`failed: ${failed.join(", ")}`);
  return 0;
}

/** In a package every program in `bench/` is a benchmark; the sidecar's has helpers beside its `*.bench.mjs`. */
function findBenches() {
  const folders = readdirSync(path.join(REPO_ROOT, "packages")).map((name) => path.join("packages", name, "bench"));
  const inPackages = folders.flatMap((folder) => programsIn(folder, ".mjs"));
  return [...inPackages, ...programsIn(path.join("sidecar", "bench"), ".bench.mjs")].sort();
}

function programsIn(folder, ending) {
  if (!existsSync(path.join(REPO_ROOT, folder))) return [];
  const names = readdirSync(path.join(REPO_ROOT, folder)).filter((name) => name.endsWith(ending));
  return names.map((name) => path.join(folder, name));
}

async function runBench(file, env) {
  console.log(`\n── ${file}`);
  const machine = readMachineFacts(REPO_ROOT);
  const startMs = performance.now();
  const options = { cwd: REPO_ROOT, env, output: /** @type {const} */ ("both"), timeoutMs: BENCH_TIMEOUT_MS };
  const { status, stdout } = await runCommand(process.execPath, ["--expose-gc", path.join(REPO_ROOT, file)], options);
  if (status !== 0) return false;
  mkdirSync(RESULTS_DIR, { recursive: true });
  const target = path.join(RESULTS_DIR, benchResultName(file));
  writeFileSync(target, `${JSON.stringify({ bench: file, machine, ...splitBenchOutput(stdout) }, undefined, 2)}\n`);
  console.log(`${path.relative(REPO_ROOT, target)} written after ${formatSeconds(performance.now() - startMs)}`);
  return true;
}

await runScript(main);
