// Holds tier C against OPA on generated policies and inputs, for as long as asked: `node fuzz.mjs [seconds]`.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const seconds = process.argv[2] ?? "60";
const root = fileURLToPath(new URL("../../..", import.meta.url));
const test = "packages/engine/test/plan/generated.test.ts";
const { status } = spawnSync("npx", ["vitest", "run", "--project", "integration", test], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, FUZZ_SECONDS: seconds },
});
process.exitCode = status ?? 1;
