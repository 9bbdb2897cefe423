#!/usr/bin/env node
import { existsSync } from "node:fs";
import { spawn } from "node:child_process";
import path from "node:path";
import { REPO_ROOT } from "./repo-root.mjs";
import { signalStatus } from "./run-command.mjs";
import { ensureSetup, runScript } from "./setup.mjs";
import { SetupError } from "./setup/setup-error.mjs";

const DEMO = path.join(REPO_ROOT, "examples", "demo", "dist", "main.js");
const PASSED_ON = /** @type {const} */ (["SIGTERM", "SIGHUP"]);

/** `npm start`: everything ready, then the demonstration in its own process, with our arguments, streams and signals. */
async function main() {
  const { env } = await ensureSetup();
  if (!existsSync(DEMO)) throw new SetupError("the demonstration was not built: examples/demo/dist/main.js is missing");
  return runDemo(env);
}

function runDemo(env) {
  const demo = spawn(process.execPath, ["--enable-source-maps", DEMO, ...process.argv.slice(2)], {
    env,
    stdio: "inherit",
  });
  // Ctrl-C reaches the demonstration from the terminal itself; we only outlive it, to hand on its status.
  process.on("SIGINT", () => {});
  for (const signal of PASSED_ON) process.on(signal, () => demo.kill(signal));
  return new Promise((resolve, reject) => {
    demo.once("error", (error) => reject(new SetupError(`the demonstration did not start: ${error.message}`)));
    demo.once("close", (code, signal) => resolve(code ?? signalStatus(signal)));
  });
}

await runScript(main);
