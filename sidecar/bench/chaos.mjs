// `npm run chaos [-- cuts [seed]]`: kills sidecar and nats-server at the steps of a release, 1,000 times unless told otherwise.
// The same test as in CI, which makes 50 cuts; a failing run is repeated by its seed.
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { dirname, join } from "node:path";
import { REPO_ROOT } from "../../scripts/repo-root.mjs";
import { ensureSetup } from "../../scripts/setup.mjs";

const cuts = process.argv[2] ?? "1000";
const seed = process.argv[3] ?? String(randomInt(2 ** 31));
console.log(`${cuts} cuts with seed ${seed}`);
const { env } = await ensureSetup();
const vitest = join(REPO_ROOT, "node_modules", "vitest", "vitest.mjs");
const args = [vitest, "run", "--project", "integration", join(dirname(import.meta.dirname), "test", "crash.test.ts")];
const run = spawn(process.execPath, args, {
  cwd: REPO_ROOT,
  env: { ...process.env, ...env, CHAOS_CUTS: cuts, CHAOS_SEED: seed },
  stdio: "inherit",
});
run.once("exit", (code) => process.exit(code ?? 1));
