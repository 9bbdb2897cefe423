import { startRedisServer, type RedisServer } from "@cortexos/devkit";
import { createRedisThrottleStore, openRedisLink, type RedisLink } from "@cortexos/stores";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openGuard, permitToolCall, type Guard } from "../src/index.ts";
import { guardOptions } from "./agents.ts";
import { buildTestBundle } from "./test-bundle.ts";
import { BY_TOOL_NAME } from "./tool-policy.ts";

describe("guards of two processes with one Redis", () => {
  let redis: RedisServer;
  let links: RedisLink[];
  let guards: Guard[];
  beforeAll(async () => {
    redis = await startRedisServer();
    const bundle = await buildTestBundle(BY_TOOL_NAME);
    links = [1, 2].map(() => openRedisLink({ url: redis.url }));
    await Promise.all(links.map(async (link) => link.first));
    guards = links.map((link) =>
      openGuard(
        guardOptions(bundle, { throttleWaitMs: 0, stores: { throttles: createRedisThrottleStore({ redis: link }) } }),
      ),
    );
  });
  afterAll(async () => {
    for (const guard of guards) await guard.close();
    for (const link of links) await link.close();
    await redis.stop();
  });

  it("count calls together, and refuse them while it is away", async () => {
    const call = async (i: number): Promise<unknown> => {
      const guard = guards[i];
      if (guard === undefined) throw new Error("no such guard");
      return permitToolCall(guard, { name: "search_slow", args: {} }).then(
        ({ decision }) => decision.outcome,
        (error: unknown) => (error instanceof Error ? error.message : error),
      );
    };
    expect(await call(0)).toBe("ALLOW");
    expect(await call(1)).toMatch(/^too many calls of search_slow/);
    await redis.stop();
    expect(await call(0)).toContain("throttle.unavailable");
  });
});
