#!/usr/bin/env node
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { readMachineFacts } from "./machine-facts.mjs";
import { REPO_ROOT } from "./repo-root.mjs";
import { runCommand } from "./run-command.mjs";
import { ensureSetup, runScript } from "./setup.mjs";
import { formatSeconds } from "./setup/progress.mjs";
import { SetupError } from "./setup/setup-error.mjs";

const RESULTS_DIR = path.join(REPO_ROOT, "bench-results");
const BENCH_TIMEOUT_MS = 30 * 60_000;

/**
 * `npm run bench`: runs every `bench/*.bench.mjs` of the workspaces, one after the other, and keeps what each measured.
 * A benchmark is a program: what it prints is for people, and its last line on standard output is one JSON object.
 * Arguments choose by name: `npm run bench -- wire` runs those whose path contains `wire`.
 */
async function main() {
  const wanted = process.argv.slice(2);
  const benches = findBenches().filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)));
  if (benches.length === 0) throw new SetupError(`no benchmark ${wanted.length === 0 ? "exists" : "has that name"}`);
  const { env } = await ensureSetup();
  const failed = [];
  for (const file of benches) if (!(await runBench(file, env))) failed.push(file);
  if (failed.length > 0) throw new SetupError(`no result from ${failed.join(", ")}`);
  return 0;
}

function findBenches() {
  const inPackages = readdirSync(path.join(REPO_ROOT, "packages")).map((name) => path.join("packages", name));
  return [...inPackages, "sidecar"]
    .map((folder) => path.join(folder, "bench"))
    .filter((folder) => existsSync(path.join(REPO_ROOT, folder)))
    .flatMap((folder) => readdirSync(path.join(REPO_ROOT, folder)).map((name) => path.join(folder, name)))
    .filter((file) => file.endsWith(".bench.mjs"))
    .sort();
}

async function runBench(file, env) {
  console.log(`\n── ${file}`);
  const machine = readMachineFacts(REPO_ROOT);
  const startMs = performance.now();
  const options = { cwd: REPO_ROOT, env, output: /** @type {const} */ ("both"), timeoutMs: BENCH_TIMEOUT_MS };
  const { status, stdout } = await runCommand(process.execPath, ["--expose-gc", path.join(REPO_ROOT, file)], options);
  const result = lastJson(stdout);
  if (status !== 0 || result === undefined) return false;
  mkdirSync(RESULTS_DIR, { recursive: true });
  const target = path.join(RESULTS_DIR, `${nameOf(file)}.json`);
  writeFileSync(target, `${JSON.stringify({ bench: file, machine, result }, undefined, 2)}\n`);
  console.log(`${path.relative(REPO_ROOT, target)} written after ${formatSeconds(performance.now() - startMs)}`);
  return true;
}

/** `packages/wire/bench/parse.bench.mjs` is kept as `wire-parse.json`. */
function nameOf(file) {
  const [folder, , name] = file.split(path.sep).slice(-3);
  return `${folder}-${name.replace(/\.bench\.mjs$/, "")}`;
}

function lastJson(stdout) {
  try {
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  } catch {
    return undefined;
  }
}

await runScript(main);
