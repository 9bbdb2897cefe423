import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";

/**
 * What a measurement is worthless without.
 *
 * @typedef {object} MachineFacts
 * @property {string} cpuModel
 * @property {number} coreCount
 * @property {number} memoryBytes
 * @property {string} os
 * @property {string} nodeVersion
 * @property {string} date ISO 8601, UTC
 * @property {string | null} gitCommit null outside a checkout; ends in `+` with uncommitted changes
 * @property {readonly number[]} loadAverage over 1, 5 and 15 minutes, when the measurement began
 */

/**
 * @param {string} [cwd] a folder of the checkout
 * @returns {MachineFacts}
 */
export function readMachineFacts(cwd = process.cwd()) {
  return {
    cpuModel: cpus()[0]?.model.trim() ?? "unknown",
    coreCount: availableParallelism(),
    memoryBytes: totalmem(),
    os: `${process.platform} ${release()} ${process.arch}`,
    nodeVersion: process.version,
    date: new Date().toISOString(),
    gitCommit: readCommit(cwd),
    loadAverage: loadavg().map((load) => Math.round(load * 100) / 100),
  };
}

function readCommit(cwd) {
  const git = (...args) => execFileSync("git", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  try {
    const changed = git("status", "--porcelain", "--untracked-files=no").trim() !== "";
    return git("rev-parse", "HEAD").trim() + (changed ? "+" : "");
  } catch {
    return null;
  }
}
