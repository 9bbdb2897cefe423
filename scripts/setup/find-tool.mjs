import path from "node:path";
import { SetupError } from "./setup-error.mjs";
import { formatVersion, isInRange } from "./version.mjs";

/**
 * @typedef {import("./tool-table.mjs").Tool} Tool
 * @typedef {{ path: string, version: import("./version.mjs").Version, source: "env" | "path" | "tools" }} FoundTool
 * @typedef {{ env: NodeJS.ProcessEnv, toolsBin: string }} Places
 */

/**
 * Where a tool may be, most trusted first: the environment variable that names it, PATH, `.tools/bin`.
 * A named binary is the only candidate: whoever names one wants that one or an error.
 *
 * @param {Tool} tool
 * @param {Places} places
 * @returns {{ path: string, source: FoundTool["source"] }[]}
 */
export function candidatesOf(tool, { env, toolsBin }) {
  const named = env[tool.envName];
  if (named !== undefined && named !== "") return [{ path: path.resolve(named), source: "env" }];
  const folders = (env.PATH ?? "").split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const onPath = folders.flatMap((folder) => tool.programs.map((program) => path.join(folder, program)));
  return [
    ...onPath.map((file) => ({ path: file, source: /** @type {const} */ ("path") })),
    { path: path.join(toolsBin, tool.name), source: "tools" },
  ];
}

/**
 * The first candidate whose version will do; undefined when none does.
 *
 * @param {Tool} tool
 * @param {Places & { probe: (path: string, tool: Tool) => Promise<import("./version.mjs").Version | undefined> }} options
 * @returns {Promise<FoundTool | undefined>}
 * @throws SetupError when the environment names a binary that will not do.
 */
export async function findTool(tool, { probe, ...places }) {
  for (const candidate of candidatesOf(tool, places)) {
    const version = await probe(candidate.path, tool);
    if (version !== undefined && isInRange(version, tool.range)) return { ...candidate, version };
    if (candidate.source === "env") throw new SetupError(unfitMessage(tool, candidate.path, version));
  }
  return undefined;
}

function unfitMessage(tool, file, version) {
  const found = version === undefined ? `is no ${tool.programs.join(" or ")}` : `is ${formatVersion(version)}`;
  return `${tool.envName} names ${file}, which ${found}; ${wanted(tool)} is needed`;
}

/**
 * The versions that will do, in words.
 *
 * @param {Tool} tool
 */
export function wanted(tool) {
  return `${tool.programs.join(" or ")} >= ${formatVersion(tool.range.from)} and < ${formatVersion(tool.range.below)}`;
}
