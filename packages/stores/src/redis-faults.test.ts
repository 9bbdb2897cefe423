import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redisFaults } from "./redis-faults.ts";

const SAFE = ["# Server", "redis_version:7.0.15", "maxmemory_policy:noeviction", "role:master", "aof_enabled:1"];

function reportOf(...lines: readonly string[]): ReturnType<typeof redisFaults> {
  return redisFaults([...SAFE, ...lines].join("\r\n"));
}

describe("redisFaults", () => {
  it("finds nothing wrong with a primary that evicts nothing", () => {
    expect(reportOf()).toEqual({ faults: [], detail: "7.0.15, append-only file" });
  });

  it.each([
    ["maxmemory_policy:allkeys-lru", "maxmemory-policy must be `noeviction`, it is `allkeys-lru`"],
    ["role:slave", "it must be the primary, it is `slave`"],
  ])("refuses %s", (line, fault) => {
    expect(reportOf(line).faults).toEqual([fault]);
  });

  it("names a Valkey by its own version, and a server that keeps nothing over a restart", () => {
    expect(reportOf("valkey_version:9.1.2", "aof_enabled:0").detail).toBe(
      "9.1.2, no append-only file: a restart loses state",
    );
  });

  it("takes what isn't said for unsafe, whatever is said", () => {
    fc.assert(
      fc.property(fc.string(), (info) => {
        fc.pre(!info.includes("noeviction"));
        expect(redisFaults(info).faults.length).toBeGreaterThan(0);
      }),
    );
  });
});
