import { execFile } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { DevkitError } from "./devkit-error.ts";

/** The real programs that tests run against: environment variable, names, how to ask the version, the oldest that serves. */
export const TOOLS = {
  "nats-server": {
    variable: "NATS_SERVER",
    programs: ["nats-server"],
    versionArgs: ["--version"],
    versionMin: [2, 12, 0],
  },
  opa: { variable: "OPA", programs: ["opa"], versionArgs: ["version"], versionMin: [1, 0, 0] },
  "redis-server": {
    variable: "REDIS_SERVER",
    programs: ["redis-server", "valkey-server"],
    versionArgs: ["--version"],
    versionMin: [6, 2, 0],
  },
} as const;

/** Name of a {@link TOOLS} entry. */
export type ToolName = keyof typeof TOOLS;

/** A program that was found. */
export interface Tool {
  /** Absolute path. */
  readonly path: string;
  /** `major.minor.patch`. */
  readonly version: string;
}

/** Where to look. */
export interface FindToolOptions {
  /** The process environment unless given. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Folder from which `.tools/bin` is looked for upwards; the working folder unless given. */
  readonly from?: string;
}

const VERSION_MS_MAX = 10_000;
const run = promisify(execFile);

/**
 * Finds a program: the tool's environment variable, else the nearest `.tools/bin` upwards, else `PATH`. One that is too old is
 * passed over, unless the variable names it.
 *
 * @throws DevkitError `tool.missing`, `tool.version`.
 */
export async function findTool(name: ToolName, options: FindToolOptions = {}): Promise<Tool> {
  const env = options.env ?? process.env;
  const named = env[TOOLS[name].variable];
  if (named !== undefined && named !== "") return checkedTool(name, resolve(named));
  let tooOld: DevkitError | undefined;
  for (const path of candidates(name, options.from ?? process.cwd(), env["PATH"] ?? "")) {
    try {
      return await checkedTool(name, path);
    } catch (reason) {
      if (!(reason instanceof DevkitError)) throw reason;
      tooOld ??= reason;
    }
  }
  if (tooOld !== undefined) throw tooOld;
  throw new DevkitError("tool.missing", `${name} not found: run \`npm run setup\`, or set ${TOOLS[name].variable}`);
}

function candidates(name: ToolName, from: string, searchPath: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    folders.push(join(folder, ".tools", "bin"));
    if (folder === dirname(folder)) break;
  }
  folders.push(...searchPath.split(delimiter).filter((folder) => folder !== ""));
  const { programs } = TOOLS[name];
  return folders.flatMap((folder) => programs.map((program) => join(folder, program))).filter(isExecutable);
}

async function checkedTool(name: ToolName, path: string): Promise<Tool> {
  const { versionArgs, versionMin, variable } = TOOLS[name];
  if (!isExecutable(path)) throw new DevkitError("tool.missing", `${variable} names no program: ${path}`);
  const text = await versionText(path, versionArgs);
  const version = /(\d+)\.(\d+)\.(\d+)/.exec(text);
  if (version === null)
    throw new DevkitError("tool.version", `${path} does not tell its version: run \`npm run setup\``);
  if (!isAtLeast(version.slice(1).map(Number), versionMin)) {
    const wanted = versionMin.join(".");
    throw new DevkitError("tool.version", `${path} is ${version[0]}, older than ${wanted}: run \`npm run setup\``);
  }
  return { path, version: version[0] };
}

async function versionText(path: string, versionArgs: readonly string[]): Promise<string> {
  try {
    const { stdout, stderr } = await run(path, versionArgs, { timeout: VERSION_MS_MAX });
    return stdout + stderr;
  } catch (cause) {
    throw new DevkitError("tool.version", `${path} can't be run: run \`npm run setup\``, { cause });
  }
}

function isAtLeast(version: readonly number[], versionMin: readonly number[]): boolean {
  for (const [i, min] of versionMin.entries()) {
    const part = version[i] ?? 0;
    if (part !== min) return part > min;
  }
  return true;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
