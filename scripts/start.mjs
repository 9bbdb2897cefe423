#!/usr/bin/env node
import { existsSync } from "node:fs";
import { spawn } from "node:child_process";
import path from "node:path";
import { REPO_ROOT } from "./repo-root.mjs";
import { signalStatus } from "./run-command.mjs";
import { START_TOOLS } from "./setup/tool-table.mjs";
import { ensureSetup, runScript } from "./setup.mjs";
import { SetupError } from "./setup/setup-error.mjs";

const DEMO = path.join(REPO_ROOT, "examples", "demo", "dist", "main.js");
const SIGNALS = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);

const USAGE = `usage: npm start [-- <options>]

  --once               end after the demonstration: exit 0 when everything was decided as recorded, else 1
  --json               one JSON object a line instead of the table: npm -s start -- --json
  --port <port>        where agents connect to the gate; 4222 unless given
  --admin-port <port>  the gate's health, metrics and approvals; 9422 unless given
  --nats-port <port>   nats-server behind the gate; 4322 unless given
  --help               this text
`;

/** `npm start`: everything ready, then the demonstration in its own process, with our arguments, streams and signals. */
async function main() {
  const args = process.argv.slice(2);
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(USAGE);
    return 0;
  }
  const untie = stopAtOnce();
  const { env } = await ensureSetup({ tools: START_TOOLS });
  untie();
  if (!existsSync(DEMO)) throw new SetupError("the demonstration was not built: examples/demo/dist/main.js is missing");
  return runDemo(args, env);
}

/** While nothing but set-up runs. A step that runs ends itself and us first; this is for the moments in between, and for the word. */
function stopAtOnce() {
  const handlers = SIGNALS.map((signal) => {
    const stop = () => {
      process.stderr.write("stopping…\n");
      setImmediate(() => process.exit(signalStatus(signal)));
    };
    process.once(signal, stop);
    return () => process.off(signal, stop);
  });
  return () => handlers.forEach((untie) => untie());
}

function runDemo(args, env) {
  const demo = spawn(process.execPath, ["--enable-source-maps", DEMO, ...args], { env, stdio: "inherit" });
  // The demonstration says when it stops, and hears a signal once, whether it comes from the terminal, from us or both.
  for (const signal of SIGNALS) process.on(signal, () => demo.kill(signal));
  return new Promise((resolve, reject) => {
    demo.once("error", (error) => reject(new SetupError(`the demonstration did not start: ${error.message}`)));
    demo.once("close", (code, signal) => resolve(code ?? signalStatus(signal)));
  });
}

await runScript(main);
