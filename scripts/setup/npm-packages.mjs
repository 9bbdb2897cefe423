import { readFileSync } from "node:fs";
import path from "node:path";
import { runCommand } from "../run-command.mjs";
import { SetupError } from "./setup-error.mjs";

const INSTALL_TIMEOUT_MS = 15 * 60_000;

/**
 * Whether `node_modules` holds what the lock file asks for. By content and not by time: a checkout changes times.
 *
 * @param {string} root
 */
export function arePackagesCurrent(root) {
  const wantedPackages = readPackages(path.join(root, "package-lock.json"));
  const installedPackages = readPackages(path.join(root, "node_modules", ".package-lock.json"));
  if (wantedPackages === undefined) throw new SetupError("package-lock.json is missing or damaged");
  if (installedPackages === undefined) return false;
  return Object.entries(wantedPackages)
    .filter(([key]) => key.includes("node_modules/"))
    .every(([key, wanted]) => isInstalled(wanted, installedPackages[key]));
}

function isInstalled(wanted, installed) {
  // Packages of other platforms are in the lock file and never installed.
  if (installed === undefined) return [wanted.optional, wanted.devOptional, wanted.peer].includes(true);
  return installed.version === wanted.version && installed.resolved === wanted.resolved;
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} root
 */
export async function installPackages(root) {
  // No install scripts: nothing of ours needs one, and none is run by surprise.
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
  const { status, stdout, stderr } = await runNpm(args, { cwd: root, timeoutMs: INSTALL_TIMEOUT_MS });
  if (status !== 0) throw new SetupError(`npm ci failed: ${whatNpmSays(stderr + stdout)}`);
}

/**
 * The sentence of npm's many lines that says what went wrong.
 *
 * @param {string} output
 */
export function whatNpmSays(output) {
  const lines = output.split("\n").map((line) => line.trim());
  const errors = lines.filter((line) => line.startsWith("npm error ")).map((line) => line.slice("npm error ".length));
  return (
    errors.find((line) => !/^(?:code|errno|syscall|path) /.test(line)) ?? lines.findLast(Boolean) ?? "no reason given"
  );
}

/**
 * Runs npm, the same one that runs us if one does.
 *
 * @param {readonly string[]} args
 * @param {Parameters<typeof runCommand>[2]} options
 */
export function runNpm(args, options) {
  const script = process.env.npm_execpath;
  if (script?.endsWith(".js") === true) return runCommand(process.execPath, [script, ...args], options);
  return runCommand(process.platform === "win32" ? "npm.cmd" : "npm", args, options);
}
