import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDemoFolder, runningHere } from "./demo-folder.ts";

let state = "";
beforeEach(() => {
  state = join(mkdtempSync(join(tmpdir(), "demo-folder-")), ".cortexos");
});
afterEach(() => rmSync(join(state, ".."), { recursive: true }));

describe("openDemoFolder", () => {
  it("begins without anything of the run before, and keeps its files to this user", () => {
    mkdirSync(join(state, "nats", "jetstream"), { recursive: true });
    mkdirSync(join(state, "demo"));
    writeFileSync(join(state, "demo", "policy.key.pem"), "old");
    writeFileSync(join(state, "admin.json"), "old");
    const folder = openDemoFolder(state);
    expect(folder.isFirst).toBe(true);
    expect([
      existsSync(folder.natsStore),
      existsSync(folder.signingKey),
      existsSync(join(state, "admin.json")),
    ]).toEqual([false, false, false]);
    expect(statSync(folder.write("approver.token", "secret")).mode & 0o777).toBe(0o600);
    folder.close();
  });

  it("leaves the files of a run that is up as they are, and removes its own", () => {
    const first = openDemoFolder(state);
    first.announceAdmin("first");
    first.write("approver.token", "first");
    mkdirSync(first.natsStore);
    const second = openDemoFolder(state);
    expect(second.isFirst).toBe(false);
    second.announceAdmin("second");
    second.write("approver.token", "second");
    expect(readFileSync(second.approverToken, "utf8")).toBe("second");
    second.close();
    expect(existsSync(second.approverToken)).toBe(false);
    expect(readFileSync(join(state, "admin.json"), "utf8")).toBe("first");
    expect(readFileSync(first.approverToken, "utf8")).toBe("first");
    expect(existsSync(first.natsStore)).toBe(true);
    expect(runningHere(state)).toBe(process.pid);
    first.close();
    expect(runningHere(state)).toBeUndefined();
  });

  it("clears away what killed runs left, and nothing else", () => {
    const gone = join(state, `beside-${spawnSync(process.execPath, ["-e", ""]).pid}`);
    const alive = join(state, `beside-${process.ppid}`);
    for (const folder of [gone, alive, join(state, "test-results")]) mkdirSync(folder, { recursive: true });
    openDemoFolder(state).close();
    expect([gone, alive, join(state, "test-results")].map((folder) => existsSync(folder))).toEqual([false, true, true]);
  });
});
