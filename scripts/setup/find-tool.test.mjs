import path from "node:path";
import { describe, expect, it } from "vitest";
import { candidatesOf, findTool } from "./find-tool.mjs";
import { TOOLS } from "./tool-table.mjs";

const tool = TOOLS["nats-server"];
const toolsBin = "/repo/.tools/bin";
const PATH = ["/a", "/b"].join(path.delimiter);

/** A machine on which these programs exist, by path. */
function machine(programs) {
  return async (file) => programs[file];
}

describe("candidatesOf", () => {
  it("offers only the binary that the environment names", () => {
    const env = { NATS_SERVER: "/x/nats-server", PATH };
    expect(candidatesOf(tool, { env, toolsBin })).toEqual([{ path: "/x/nats-server", source: "env" }]);
  });

  it("tries PATH in its order, then .tools/bin", () => {
    const paths = candidatesOf(tool, { env: { PATH }, toolsBin }).map((candidate) => candidate.path);
    expect(paths).toEqual(["/a/nats-server", "/b/nats-server", "/repo/.tools/bin/nats-server"]);
  });

  it("ignores PATH entries that depend on the current folder", () => {
    const env = { PATH: [".", "", "bin"].join(path.delimiter) };
    expect(candidatesOf(tool, { env, toolsBin }).map((candidate) => candidate.source)).toEqual(["tools"]);
  });

  it("takes valkey-server for Redis", () => {
    const paths = candidatesOf(TOOLS.redis, { env: { PATH: "/a" }, toolsBin }).map((candidate) => candidate.path);
    expect(paths).toEqual(["/a/redis-server", "/a/valkey-server", "/repo/.tools/bin/redis-server"]);
  });
});

describe("findTool", () => {
  it("passes over a program that is too old", async () => {
    const probe = machine({ "/a/nats-server": [2, 9, 10], "/repo/.tools/bin/nats-server": [2, 15, 2] });
    const found = await findTool(tool, { probe, env: { PATH }, toolsBin });
    expect(found).toEqual({ path: "/repo/.tools/bin/nats-server", source: "tools", version: [2, 15, 2] });
  });

  it("prefers PATH to .tools/bin when both will do", async () => {
    const probe = machine({ "/b/nats-server": [2, 12, 0], "/repo/.tools/bin/nats-server": [2, 15, 2] });
    expect(await findTool(tool, { probe, env: { PATH }, toolsBin })).toMatchObject({ source: "path" });
  });

  it("finds nothing where nothing is", async () => {
    expect(await findTool(tool, { probe: machine({}), env: { PATH }, toolsBin })).toBeUndefined();
  });

  it("fails, and does not look further, when the named binary is too old", async () => {
    const probe = machine({ "/x/nats": [2, 9, 10], "/a/nats-server": [2, 15, 2] });
    const found = findTool(tool, { probe, env: { NATS_SERVER: "/x/nats", PATH }, toolsBin });
    await expect(found).rejects.toThrow("NATS_SERVER names /x/nats, which is 2.9.10; nats-server >= 2.12.0");
  });

  it("fails when the named binary is not there", async () => {
    const found = findTool(tool, { probe: machine({}), env: { NATS_SERVER: "/x/nats" }, toolsBin });
    await expect(found).rejects.toThrow("NATS_SERVER names /x/nats, which is no nats-server");
  });
});
