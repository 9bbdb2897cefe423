#!/usr/bin/env node
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { REPO_ROOT } from "./repo-root.mjs";
import { build, isBuildCurrent } from "./setup/build.mjs";
import { findTool } from "./setup/find-tool.mjs";
import { installTool } from "./setup/install-tool.mjs";
import { arePackagesCurrent, installPackages } from "./setup/npm-packages.mjs";
import { createVersionProbe } from "./setup/probe-version.mjs";
import { createProgress } from "./setup/progress.mjs";
import { SetupError } from "./setup/setup-error.mjs";
import { withLock } from "./setup/setup-lock.mjs";
import { TOOLS } from "./setup/tool-table.mjs";
import { formatVersion, isInRange, parseVersion } from "./setup/version.mjs";

const NODE_FROM = /** @type {const} */ ([20, 19, 0]);
const TOOLS_DIR = path.join(REPO_ROOT, ".tools");
const TOOLS_BIN = path.join(TOOLS_DIR, "bin");
const BUILD_STAMP = path.join(TOOLS_DIR, "build-stamp");

/**
 * Makes a checkout ready: packages, tools, build. Does nothing and takes no lock when all is there.
 *
 * @param {{ quiet?: boolean, tools?: readonly string[], build?: boolean }} [options] `tools` are keys of the tool table.
 * @returns {Promise<{ tools: Record<string, import("./setup/find-tool.mjs").FoundTool>, env: NodeJS.ProcessEnv }>}
 *   where each tool is, and the environment that names them to child processes
 * @throws SetupError with one message that says what to do.
 */
export async function ensureSetup({ quiet = false, tools = Object.keys(TOOLS), build: wantsBuild = true } = {}) {
  requireNode(process.versions.node);
  const probe = createVersionProbe(path.join(TOOLS_DIR, "versions.json"));
  const find = (name) => findTool(toolNamed(name), { probe, env: process.env, toolsBin: TOOLS_BIN });
  const found = new Map();
  for (const name of tools) found.set(name, await find(name));
  const isReady = () =>
    arePackagesCurrent(REPO_ROOT) &&
    [...found.values()].every((tool) => tool !== undefined) &&
    (!wantsBuild || isBuildCurrent(REPO_ROOT, BUILD_STAMP));

  if (!isReady()) {
    const progress = createProgress({ quiet });
    await withLock(path.join(TOOLS_DIR, "setup.lock"), async () => {
      await packagesStep(progress);
      for (const name of tools) found.set(name, await toolStep(name, { find, probe, progress }));
      if (wantsBuild) await buildStep(progress);
    });
  }
  return { tools: Object.fromEntries(found), env: envOf(found) };
}

function requireNode(version) {
  const parsed = parseVersion(version);
  if (parsed !== undefined && isInRange(parsed, { from: NODE_FROM })) return;
  throw new SetupError(`Node ${formatVersion(NODE_FROM)} or newer is needed, this is ${version}`);
}

function toolNamed(name) {
  if (Object.hasOwn(TOOLS, name)) return TOOLS[name];
  throw new SetupError(`no tool is named ${name}; there are ${Object.keys(TOOLS).join(", ")}`);
}

async function packagesStep(progress) {
  if (arePackagesCurrent(REPO_ROOT)) return;
  await progress.step("installing npm packages", () => installPackages(REPO_ROOT));
}

async function toolStep(name, { find, probe, progress }) {
  const there = await find(name);
  if (there !== undefined) return there;
  const tool = toolNamed(name);
  await progress.step(`getting ${name} ${tool.pin}`, () => installTool(tool, { toolsDir: TOOLS_DIR, probe }));
  return find(name);
}

async function buildStep(progress) {
  if (isBuildCurrent(REPO_ROOT, BUILD_STAMP)) return;
  await progress.step("building", () => build(REPO_ROOT, BUILD_STAMP));
}

function envOf(found) {
  const named = [...found].map(([name, tool]) => [TOOLS[name].envName, tool.path]);
  return { ...process.env, ...Object.fromEntries(named) };
}

/**
 * Runs a script's main function: a {@link SetupError} ends in its one message and exit 1, anything else is a bug.
 *
 * @param {() => Promise<number>} main
 */
export async function runScript(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

async function main() {
  const { values } = parseArgs({
    options: {
      "no-build": { type: "boolean", default: false },
      quiet: { type: "boolean", default: false },
    },
  });
  const setup = await ensureSetup({ quiet: values.quiet, build: !values["no-build"] });
  if (!values.quiet) {
    for (const [name, tool] of Object.entries(setup.tools))
      console.log(`${name} ${formatVersion(tool.version)} ${tool.path}`);
  }
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await runScript(main);
