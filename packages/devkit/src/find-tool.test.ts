import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { findTool } from "./find-tool.ts";
import { createTempDir } from "./temp-dir.ts";

describe("findTool", () => {
  let root = "";
  beforeEach(() => {
    const folder = createTempDir("find-tool");
    onTestFinished(() => folder.remove());
    root = folder.path;
  });

  const put = (path: string, versionText: string): string => {
    const full = join(root, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, `#!/bin/sh\necho '${versionText}'\n`);
    chmodSync(full, 0o755);
    return full;
  };
  const find = (env: Record<string, string> = {}): ReturnType<typeof findTool> =>
    findTool("nats-server", { env: { PATH: join(root, "path"), ...env }, from: join(root, "a/b") });

  it("prefers the variable, then the nearest .tools/bin, then PATH", async () => {
    const path = put("path/nats-server", "nats-server: v2.12.0");
    await expect(find()).resolves.toEqual({ path, version: "2.12.0" });
    const upper = put(".tools/bin/nats-server", "nats-server: v2.12.1");
    await expect(find()).resolves.toEqual({ path: upper, version: "2.12.1" });
    const nearest = put("a/.tools/bin/nats-server", "nats-server: v2.14.0-beta");
    await expect(find()).resolves.toEqual({ path: nearest, version: "2.14.0" });
    const named = put("elsewhere", "nats-server: v3.0.0");
    await expect(find({ NATS_SERVER: named })).resolves.toEqual({ path: named, version: "3.0.0" });
  });

  it("passes over one that is too old", async () => {
    put("a/.tools/bin/nats-server", "nats-server: v2.9.10");
    const path = put("path/nats-server", "nats-server: v2.15.2");
    await expect(find()).resolves.toEqual({ path, version: "2.15.2" });
  });

  it("takes a Valkey for a Redis", async () => {
    const path = put("path/valkey-server", "Valkey server v=9.1.2 sha=0");
    const found = findTool("redis-server", { env: { PATH: join(root, "path") }, from: root });
    await expect(found).resolves.toEqual({ path, version: "9.1.2" });
  });

  it.each([
    { what: "nothing is there", files: {}, env: {}, code: "tool.missing" },
    { what: "all are too old", files: { "path/nats-server": "v2.9.10" }, env: {}, code: "tool.version" },
    { what: "it tells no version", files: { "path/nats-server": "hello" }, env: {}, code: "tool.version" },
    {
      what: "the variable names nothing",
      files: { "path/nats-server": "v2.12.0" },
      env: { NATS_SERVER: "/no" },
      code: "tool.missing",
    },
  ])("says what to run when $what", async ({ files, env, code }) => {
    for (const [path, text] of Object.entries(files)) put(path, text);
    await expect(find(env)).rejects.toMatchObject({ code });
  });

  it("names npm run setup when nothing is there", async () => {
    await expect(find()).rejects.toThrow("npm run setup");
  });
});
