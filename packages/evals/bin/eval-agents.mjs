#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { runEvalAgents } from "../dist/index.js";

const io = {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
  cwd: process.env.INIT_CWD ?? process.cwd(),
  policies: fileURLToPath(new URL("../../../policies", import.meta.url)),
  environment: process.env,
};
process.exitCode = await runEvalAgents(process.argv.slice(2), io);
