import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { SetupError } from "./setup-error.mjs";

const POLL_MS = 200;
const WAIT_MS_MAX = 20 * 60_000;

/**
 * Runs work while no other process of this checkout does; waits for the one that does. A lock whose owner is gone
 * is taken over.
 *
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @param {{ waitMsMax?: number }} [options]
 * @returns {Promise<T>}
 */
export async function withLock(file, work, { waitMsMax = WAIT_MS_MAX } = {}) {
  await acquire(file, performance.now() + waitMsMax);
  const release = () => rmSync(file, { force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.off("exit", release);
    release();
  }
}

async function acquire(file, deadlineMs) {
  mkdirSync(path.dirname(file), { recursive: true });
  while (!tryCreate(file)) {
    const owner = readOwner(file);
    if (owner !== undefined && !isAlive(owner)) takeAway(file, owner);
    else if (performance.now() > deadlineMs) throw new SetupError(busyMessage(file, owner));
    else await delay(POLL_MS);
  }
}

/** By link, so that the lock is never seen without its owner's id. */
function tryCreate(file) {
  const draft = `${file}.${process.pid}.new`;
  writeFileSync(draft, String(process.pid));
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readOwner(file) {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** By rename, so that of two waiters only one removes the dead lock; a live one caught by mistake is put back. */
function takeAway(file, owner) {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (readOwner(aside) === owner) rmSync(aside, { force: true });
  else renameSync(aside, file);
}

function busyMessage(file, owner) {
  return `another set-up (process ${owner ?? "unknown"}) holds ${file}; end it or remove that file`;
}
