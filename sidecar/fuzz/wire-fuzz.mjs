#!/usr/bin/env node
// `npm run fuzz:wire -- --seconds N --seed S`: the differential test of the sidecar for as long as asked.
import { spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const VITEST = path.join(ROOT, "node_modules", "vitest", "vitest.mjs");
const TEST = "sidecar/test/attacks-differential.test.ts";
const USAGE = "usage: npm run fuzz:wire -- [--seconds N] [--seed S]\n";

const { seconds, seed } = readNumbers();
const args = [
  VITEST,
  "run",
  "--project",
  "integration",
  "--reporter=verbose",
  TEST,
  "--testNamePattern",
  "whatever a client sends",
];
const env = { ...process.env, CORTEXOS_FUZZ_SECONDS: String(seconds), CORTEXOS_FUZZ_SEED: String(seed) };
const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: "inherit" });
child.on("exit", (code) => {
  process.exitCode = code ?? 1;
});

/** A seed of its own each time, printed, so that a find can be had again. */
function readNumbers() {
  try {
    const { values } = parseArgs({ options: { seconds: { type: "string" }, seed: { type: "string" } } });
    const numbers = { seconds: Number(values.seconds ?? 60), seed: Number(values.seed ?? Date.now() % 1_000_000) };
    if (numbers.seconds > 0 && Number.isSafeInteger(numbers.seed)) return numbers;
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
  }
  process.stderr.write(USAGE);
  process.exit(2);
}
