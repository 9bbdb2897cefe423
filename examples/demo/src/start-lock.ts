import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

/**
 * Takes a lock file for this process. One whose owner is gone is taken over.
 *
 * @returns whether it is this process's now.
 */
export function takeLock(file: string): boolean {
  const draft = `${file}.${process.pid}`;
  // By link, so that the lock is never seen without its owner's id.
  writeFileSync(draft, String(process.pid));
  try {
    while (lockOwner(file) === undefined) {
      if (links(draft, file)) return true;
      if (lockOwner(file) === undefined) takeAway(file);
    }
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** The process that holds a lock; `undefined` when nobody does, or one that is gone. */
export function lockOwner(file: string): number | undefined {
  const pid = readPid(file);
  return pid !== undefined && isAlive(pid) ? pid : undefined;
}

/** Gives up a lock that this process holds; leaves anybody else's. */
export function releaseLock(file: string): void {
  if (readPid(file) === process.pid) rmSync(file, { force: true });
}

/** Whether there is a process with this id. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function readPid(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function links(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** By rename, so that of two who find a dead lock only one removes it; a live one caught by mistake is put back. */
function takeAway(file: string): void {
  const aside = `${file}.${process.pid}.gone`;
  try {
    renameSync(file, aside);
  } catch {
    return; // Somebody else took it away.
  }
  if (lockOwner(aside) === undefined) rmSync(aside, { force: true });
  else renameSync(aside, file);
}
