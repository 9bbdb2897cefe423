import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockOwner, releaseLock, takeLock } from "./start-lock.ts";

let folder = "";
let file = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "start-lock-"));
  file = join(folder, "start.lock");
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("takeLock", () => {
  it("takes what nobody holds, once, and leaves nothing else behind", () => {
    expect(takeLock(file)).toBe(true);
    expect(lockOwner(file)).toBe(process.pid);
    expect(takeLock(file)).toBe(false);
    expect(readdirSync(folder)).toEqual(["start.lock"]);
  });

  it("leaves the lock of a living process alone", () => {
    writeFileSync(file, String(process.ppid));
    expect(takeLock(file)).toBe(false);
    releaseLock(file);
    expect(readFileSync(file, "utf8")).toBe(String(process.ppid));
  });

  it.each([
    ["whose owner is gone", () => String(spawnSync(process.execPath, ["-e", ""]).pid)],
    ["that says nothing", () => ""],
  ])("takes over a lock %s", (_, content) => {
    writeFileSync(file, content());
    expect(lockOwner(file)).toBeUndefined();
    expect(takeLock(file)).toBe(true);
    expect(lockOwner(file)).toBe(process.pid);
  });
});

describe("releaseLock", () => {
  it("opens it for the next", () => {
    takeLock(file);
    releaseLock(file);
    expect(existsSync(file)).toBe(false);
    expect(takeLock(file)).toBe(true);
  });
});
