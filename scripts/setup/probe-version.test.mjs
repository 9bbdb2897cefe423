import { chmodSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createVersionProbe, versionIn } from "./probe-version.mjs";
import { TOOLS } from "./tool-table.mjs";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "probe-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function program(body, timeSec) {
  const file = path.join(folder, "program");
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
  utimesSync(file, timeSec, timeSec);
  return file;
}

describe("versionIn", () => {
  it.each([
    ["nats-server", "nats-server: v2.15.2", [2, 15, 2]],
    ["opa", "Version: 1.22.2\nBuild Commit: \nGo Version: go1.26.8", [1, 22, 2]],
    ["redis", "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64", [7, 0, 15]],
    ["redis", "Valkey server v=9.1.2 sha=0", [9, 1, 2]],
    ["nats-server", "true (GNU coreutils) 9.1", undefined],
  ])("reads what %s says: %j", (name, output, expected) => {
    expect(versionIn(output, TOOLS[name])).toEqual(expected);
  });
});

describe("createVersionProbe", () => {
  it("asks a program once, until it changes", async () => {
    const cache = path.join(folder, "cache.json");
    const asked = path.join(folder, "asked");
    const file = program(`echo x >> ${asked}; echo nats-server: v2.15.1`, 1);
    expect(await createVersionProbe(cache)(file, TOOLS["nats-server"])).toEqual([2, 15, 1]);
    expect(await createVersionProbe(cache)(file, TOOLS["nats-server"])).toEqual([2, 15, 1]);
    expect(readFileSync(asked, "utf8")).toBe("x\n");
    program("echo nats-server: v2.15.2", 2);
    expect(await createVersionProbe(cache)(file, TOOLS["nats-server"])).toEqual([2, 15, 2]);
  });

  it("knows no version of what fails or is not there", async () => {
    const probe = createVersionProbe(path.join(folder, "cache.json"));
    expect(await probe(program("echo nats-server: v2.15.1; exit 1", 1), TOOLS["nats-server"])).toBeUndefined();
    expect(await probe(path.join(folder, "missing"), TOOLS["nats-server"])).toBeUndefined();
  });
});
