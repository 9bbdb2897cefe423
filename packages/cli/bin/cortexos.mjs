#!/usr/bin/env node
import { runCortexos } from "../dist/index.js";

const io = {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
  cwd: process.cwd(),
  environment: process.env,
  nowNs: () => BigInt(Date.now()) * 1_000_000n,
};
// A reader that stops early (`| head`) is no failure of ours.
process.stdout.on("error", (error) => process.exit(error.code === "EPIPE" ? 0 : 1));
process.exitCode = await runCortexos(process.argv.slice(2), io);
