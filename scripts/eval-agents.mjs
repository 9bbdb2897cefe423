#!/usr/bin/env node
import path from "node:path";
import { REPO_ROOT } from "./repo-root.mjs";
import { runCommand } from "./run-command.mjs";
import { ensureSetup, runScript } from "./setup.mjs";

const EVAL_AGENTS = path.join(REPO_ROOT, "packages", "evals", "bin", "eval-agents.mjs");

/** `npm run eval:agents -- <dataset.json>`: everything ready, then the evaluation with our arguments. */
async function main() {
  const { env } = await ensureSetup({ quiet: process.argv.includes("--json"), tools: ["opa"] });
  const { status } = await runCommand(process.execPath, [EVAL_AGENTS, ...process.argv.slice(2)], {
    env,
    output: "show",
  });
  return status;
}

await runScript(main);
