import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { runCommand } from "../run-command.mjs";
import { parseVersion } from "./version.mjs";

const PROBE_TIMEOUT_MS = 20_000;

/**
 * Asks programs for their versions and remembers the answers by size and time of change, because starting `opa` alone
 * takes longer than all the rest of an idle set-up.
 *
 * @param {string} cacheFile
 */
export function createVersionProbe(cacheFile) {
  const known = readCache(cacheFile);
  return async function probe(file, tool) {
    const stamp = fileStamp(file);
    if (stamp === undefined) return undefined;
    if (known[file]?.stamp === stamp) return known[file].version;
    const { status, stdout, stderr } = await runCommand(file, tool.versionArgs, { timeoutMs: PROBE_TIMEOUT_MS });
    const version = status === 0 ? versionIn(stdout + stderr, tool) : undefined;
    if (version !== undefined) {
      known[file] = { stamp, version };
      writeCache(cacheFile, known);
    }
    return version;
  };
}

/**
 * @param {string} output
 * @param {Pick<import("./tool-table.mjs").Tool, "versionPattern">} tool
 */
export function versionIn(output, tool) {
  return parseVersion(tool.versionPattern.exec(output)?.[1] ?? "");
}

function fileStamp(file) {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats?.isFile() === true ? `${stats.size}:${stats.mtimeMs}:${stats.ino}` : undefined;
}

function readCache(file) {
  try {
    return { __proto__: null, ...JSON.parse(readFileSync(file, "utf8")) };
  } catch {
    return { __proto__: null };
  }
}

function writeCache(file, known) {
  mkdirSync(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  const entries = Object.entries(known).filter(([program]) => existsSync(program));
  writeFileSync(draft, JSON.stringify(Object.fromEntries(entries)));
  renameSync(draft, file);
}
