import { startRedisServer, type RedisServer } from "@cortexos/devkit";
import { afterAll, beforeAll } from "vitest";
import { redisBudgets } from "../src/redis-budget-store.ts";
import { redisHolds } from "../src/redis-hold-store.ts";
import { openRedisLink, type RedisLink } from "../src/redis-link.ts";
import { redisThrottles } from "../src/redis-throttle-store.ts";
import { describeBudgetStore, SUITE_START_MS } from "../src/test/budget-store-suite.ts";
import { describeHoldStore, HOLD_SUITE_BOUNDS } from "../src/test/hold-store-suite.ts";
import { describeThrottleStore } from "../src/test/throttle-store-suite.ts";

let server: RedisServer;
let redis: RedisLink;
let prefixCount = 0;

beforeAll(async () => {
  server = await startRedisServer();
  redis = openRedisLink({ url: server.url });
  await redis.first;
});
afterAll(async () => {
  await redis.close();
  await server.stop();
});

/** Keys of a test of its own. */
const freshPrefix = (): string => `p${prefixCount++}`;

describeThrottleStore("createRedisThrottleStore", () => {
  let atUs = SUITE_START_MS * 1_000;
  return {
    store: redisThrottles({ redis, keyPrefix: freshPrefix() }, () => atUs),
    advanceUs: (us) => {
      atUs += us;
    },
  };
});

describeHoldStore("createRedisHoldStore", () => {
  let nowNs = 0n;
  return {
    store: redisHolds({ redis, keyPrefix: freshPrefix(), ...HOLD_SUITE_BOUNDS }, () => nowNs),
    setNowNs: (ns) => {
      nowNs = BigInt(ns);
    },
  };
});

describeBudgetStore("createRedisBudgetStore", (limits) => {
  let atMs = SUITE_START_MS;
  return {
    ledger: redisBudgets({ redis, limits, keyPrefix: freshPrefix() }, () => atMs),
    advanceMs: (ms) => {
      atMs += ms;
    },
  };
});
