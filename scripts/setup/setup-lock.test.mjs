import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { spawnSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withLock } from "./setup-lock.mjs";

let folder = "";
let file = "";

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "lock-"));
  file = path.join(folder, "setup.lock");
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("withLock", () => {
  it("lets one in at a time", async () => {
    const events = [];
    const work = (name) => async () => {
      events.push(`${name} in`);
      await new Promise((resolve) => setImmediate(resolve));
      events.push(`${name} out`);
    };
    await Promise.all([withLock(file, work("a")), withLock(file, work("b"))]);
    expect(events.map((event) => event.split(" ")[1])).toEqual(["in", "out", "in", "out"]);
  });

  it("opens the lock when the work fails", async () => {
    const work = () => Promise.reject(new Error("no"));
    await expect(withLock(file, work)).rejects.toThrow("no");
    expect(existsSync(file)).toBe(false);
  });

  it("takes over from an owner that is gone", async () => {
    const gone = spawnSync(process.execPath, ["-e", ""]).pid;
    writeFileSync(file, String(gone));
    expect(await withLock(file, async () => "done")).toBe("done");
  });

  it("says who holds the lock when waiting has an end", async () => {
    writeFileSync(file, String(process.ppid));
    const waiting = withLock(file, async () => "done", { waitMsMax: 0 });
    await expect(waiting).rejects.toThrow(`another set-up (process ${process.ppid}) holds`);
    expect(existsSync(file)).toBe(true);
  });
});
