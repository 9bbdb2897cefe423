import { eventually, rawConnect, startRedisServer, startTcpProxy, type RedisServer } from "@cortexos/devkit";
import { readFileSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  createRedisBudgetStore,
  createRedisHoldStore,
  createRedisThrottleStore,
  openRedisLink,
  type SharedBudgetLedger,
  type RedisLink,
  type RedisLinkOptions,
} from "../src/index.ts";
import { sampleApprover, sampleHold } from "../src/test/samples.ts";

const OWNER = { tenant: "acme", agent: "agent", run: "1" };
const LIMITS = [{ scope: "a", limit: 500 }];
const ONE = [{ scope: "a", amount: 1 }];
const THROTTLE = [{ key: "acme/k", rate: 1, burst: 1_000, windowMs: 60_000 }];

async function startServer(...args: readonly string[]): Promise<RedisServer> {
  const server = await startRedisServer({ persistent: true, args });
  onTestFinished(() => server.stop());
  return server;
}

function link(url: string, more: Partial<RedisLinkOptions> = {}): RedisLink {
  const redis = openRedisLink({ url, ...more });
  onTestFinished(() => redis.close());
  return redis;
}

async function openBudgets(url: string): Promise<SharedBudgetLedger> {
  const redis = link(url);
  await redis.first;
  return createRedisBudgetStore({ redis, limits: LIMITS });
}

async function command(server: RedisServer, text: string, answer: RegExp | string): Promise<void> {
  const client = await rawConnect(server.port);
  try {
    await client.write(`${text}\r\n`);
    await client.waitFor(answer);
  } finally {
    client.close();
  }
}

/** The code of a call's failure. */
async function codeOf(call: () => PromiseLike<unknown>): Promise<unknown> {
  try {
    return await call();
  } catch (reason) {
    return reason instanceof Error && "code" in reason ? reason.code : reason;
  }
}

const take = (redis: RedisLink) => async () => createRedisThrottleStore({ redis }).take(THROTTLE);

describe("Redis, shared", () => {
  it("H118: admits exactly the limit to many clients at once", async () => {
    const server = await startServer();
    const clients = await Promise.all(Array.from({ length: 16 }, async () => openBudgets(server.url)));
    const answers = await Promise.all(
      clients.flatMap((client, c) =>
        Array.from({ length: 64 }, async (_, i) => {
          const id = `${c}.${i}`;
          const { reserved } = await client.reserve(id, ONE, OWNER);
          if (reserved) await client.commit(id, OWNER);
          return reserved;
        }),
      ),
    );
    expect(answers.filter(Boolean)).toHaveLength(500);
    expect((await clients[0]?.accounts(OWNER))?.[0]).toMatchObject({ committed: 500, reserved: 0, remaining: 0 });
  });

  it("keeps what it answered over a kill of an append-only server", async () => {
    const server = await startServer();
    const budgets = await openBudgets(server.url);
    await budgets.reserve("r", [{ scope: "a", amount: 30 }], OWNER);
    await server.kill();
    await server.restart();
    await eventually(async () => (await codeOf(async () => budgets.commit("r", OWNER))) === undefined);
    expect((await budgets.accounts(OWNER))[0]).toMatchObject({ committed: 30, reserved: 0 });
  });

  it("H119: counts a reservation whose process died as spent once, when its time is over", async () => {
    const server = await startServer();
    const crashed = await openBudgets(server.url);
    await crashed.reserve("r", [{ scope: "a", amount: 30 }], OWNER);
    const other = await openBudgets(server.url);
    expect((await other.accounts(OWNER))[0]).toMatchObject({ reserved: 30, remaining: 470 });
    // The store's own clock can't be moved: move the end of the reservation.
    await command(server, 'ZADD cortexos:{t.acme}:pending 1 "r"', ":0");
    expect((await other.accounts(OWNER))[0]).toMatchObject({ committed: 30, reserved: 0, remaining: 470 });
    expect(await codeOf(async () => other.void("r", OWNER))).toBe("budget.resolved");
  });

  it("keeps an account as long as its window, and a debt for as long as it is one", async () => {
    const server = await startServer();
    const redis = link(server.url);
    await redis.first;
    const budgets = createRedisBudgetStore({ redis, limits: [{ scope: "a", limit: 9, windowMs: 86_400_000 }] });
    const account = "PTTL cortexos:{t.acme}:account:tenant:a:86400000";
    await budgets.reserve("r", ONE, OWNER);
    await command(server, account, /:\d+\r\n/);
    await budgets.commit("r", OWNER);
    await command(server, account, /:\d+\r\n/);
    await budgets.reserve("s", ONE, OWNER);
    expect(await budgets.settle("s", OWNER, [{ scope: "a", amount: 30 }])).toEqual([{ scope: "a", amount: 29 }]);
    await command(server, account, ":-1\r\n");
  });

  it("H127: keeps every key of a tenant in one slot", async () => {
    const server = await startServer();
    const redis = link(server.url);
    await redis.first;
    const budgets = createRedisBudgetStore({ redis, limits: [{ scope: "a:{b}", limit: 1 }] });
    await budgets.reserve("r{}:x", [{ scope: "a:{b}", amount: 1 }], { ...OWNER, tenant: "a:{b}:c" });
    const client = await rawConnect(server.port);
    onTestFinished(() => client.close());
    await client.write("KEYS *\r\n");
    const keys = [...(await client.waitFor(/\*4\r\n(?:\$\d+\r\n.*\r\n){4}/)).matchAll(/^cortexos.*$/gm)].map(
      ([key]) => key,
    );
    expect(keys.every((key) => key.startsWith("cortexos:{t.a%3A%7Bb%7D%3Ac}:"))).toBe(true);
  });
});

describe("Redis, failing (H125)", () => {
  it("refuses at once while it is away, and goes on when it is back", async () => {
    const server = await startServer();
    const redis = link(server.url);
    await redis.first;
    expect(await codeOf(take(redis))).toMatchObject([{ admitted: true }]);
    await server.kill();
    await eventually(async () => (await codeOf(take(redis))) === "store.away");
    expect(redis.state().ok).toBe(false);
    await server.restart();
    await eventually(() => redis.state().ok);
    expect(await codeOf(take(redis))).toMatchObject([{ admitted: true }]);
  });

  it("charges once when the answer is lost and the caller asks again under the same id (H128)", async () => {
    const server = await startServer();
    const proxy = await startTcpProxy({ port: server.port });
    onTestFinished(() => proxy.close());
    const redis = link(`redis://127.0.0.1:${proxy.port}`, { timeoutMs: 200 });
    await redis.first;
    const budgets = createRedisBudgetStore({ redis, limits: LIMITS });
    const reserve = async () => budgets.reserve("r", [{ scope: "a", amount: 30 }], OWNER);
    await budgets.accounts(OWNER);
    const lost = codeOf(reserve);
    proxy.cut();
    expect(["store.away", { reserved: true }]).toContainEqual(await lost);
    await eventually(async () => (await codeOf(reserve)) !== "store.away");
    expect(await reserve()).toEqual({ reserved: true });
    expect((await budgets.accounts(OWNER))[0]).toMatchObject({ reserved: 30 });
  });

  it("refuses when no answer comes in time, and connects anew", async () => {
    const server = await startServer();
    const proxy = await startTcpProxy({ port: server.port });
    onTestFinished(() => proxy.close());
    const redis = link(`redis://127.0.0.1:${proxy.port}`, { timeoutMs: 100 });
    await redis.first;
    proxy.setFaults({ blackHole: true });
    expect(await codeOf(take(redis))).toBe("store.away");
    await eventually(() => !redis.state().ok);
    proxy.setFaults({});
    proxy.cut();
    await eventually(() => redis.state().ok);
    expect(await codeOf(take(redis))).toMatchObject([{ admitted: true }]);
  });

  it("loads its scripts anew when the server forgot them", async () => {
    const server = await startServer();
    const budgets = await openBudgets(server.url);
    await budgets.reserve("r", ONE, OWNER);
    await command(server, "SCRIPT FLUSH", "+OK");
    expect(await budgets.reserve("s", ONE, OWNER)).toEqual({ reserved: true });
  });

  it.each([
    ["out of memory", "CONFIG SET maxmemory 1"],
    ["a replica", "REPLICAOF 127.0.0.1 1"],
    ["a key of another kind", "SET cortexos:{t.acme}:pending x"],
  ])("refuses: %s", async (_, fault) => {
    const server = await startServer();
    const budgets = await openBudgets(server.url);
    await command(server, fault, "+OK");
    expect(await codeOf(async () => budgets.reserve("r", ONE, OWNER))).toBe("store.refused");
  });

  it("refuses a user that may not run scripts", async () => {
    const server = await startServer();
    await command(server, "ACL SETUSER weak on >secret ~* +info +ping +client +quit", "+OK");
    const redis = link(server.url, { username: "weak", password: "secret" });
    await redis.first;
    expect(await codeOf(take(redis))).toBe("store.refused");
  });
});

describe("Redis as a user with no more rights than it needs", () => {
  // As the sidecar's README has it.
  const COMMANDS =
    "-@all +auth +ping +info +quit +select +client|setname +evalsha +eval +time +get +set +exists +del " +
    "+hget +hset +hmget +hgetall +hdel +hlen +hincrby +zadd +zrem +zcard +zrange +zrangebyscore +zpopmin";

  it("keeps throttles, budgets and holds, and may touch nothing else", async () => {
    const server = await startServer();
    await command(server, `ACL SETUSER cortexos on >secret resetkeys ~cortexos:* ${COMMANDS}`, "+OK");
    const redis = link(server.url, { username: "cortexos", password: "secret" });
    await redis.first;
    expect(await codeOf(take(redis))).toMatchObject([{ admitted: true }]);
    const budgets = createRedisBudgetStore({ redis, limits: LIMITS });
    await budgets.reserve("r", ONE, OWNER);
    await budgets.commit("r", OWNER);
    expect((await budgets.accounts(OWNER))[0]).toMatchObject({ committed: 1 });
    const holds = createRedisHoldStore({ redis });
    expect(await holds.park(sampleHold("h", { expiresAtNs: "9".repeat(19) }))).toBe("parked");
    expect(await holds.deny("h", sampleApprover("ann"), "1")).toMatchObject({ ok: true });
    expect(await holds.expire("1")).toEqual([]);
    expect(await holds.size()).toEqual({ count: 0, bytes: 0 });
    const elsewhere = createRedisThrottleStore({ redis, keyPrefix: "other" });
    expect(await codeOf(async () => elsewhere.take(THROTTLE))).toBe("store.refused");
  });

  it("is the one in the sidecar's README", () => {
    const readme = readFileSync(new URL("../../../sidecar/README.md", import.meta.url), "utf8");
    expect(readme.replaceAll(/\s+/g, " ")).toContain(`resetkeys ~cortexos:* ${COMMANDS}`);
  });
});

describe("Redis that could drop state", () => {
  it.each(["allkeys-lru", "volatile-ttl"])("is refused at start: %s", async (policy) => {
    const server = await startServer("--maxmemory-policy", policy);
    const redis = link(server.url);
    await expect(redis.first).rejects.toMatchObject({ code: "store.unsafe", message: expect.stringContaining(policy) });
    expect(await codeOf(take(redis))).toBe("store.unsafe");
  });

  it("is refused when it becomes one, until it is mended", async () => {
    const server = await startServer();
    const redis = link(server.url, { checkMs: 20 });
    await redis.first;
    await command(server, "CONFIG SET maxmemory-policy allkeys-random", "+OK");
    await eventually(async () => (await codeOf(take(redis))) === "store.unsafe");
    await command(server, "CONFIG SET maxmemory-policy noeviction", "+OK");
    await eventually(() => redis.state().ok);
    expect(await codeOf(take(redis))).toMatchObject([{ admitted: true }]);
  });
});

describe("Redis that lost its tail", () => {
  const prepare = async () => {
    const server = await startServer();
    const budgets = await openBudgets(server.url);
    await budgets.reserve("r", ONE, OWNER);
    await budgets.commit("r", OWNER);
    return { server, budgets };
  };

  it("is known by what was acknowledged before, and nothing is reserved then", async () => {
    const { server, budgets } = await prepare();
    await command(server, "HINCRBY cortexos:{t.acme}:fence seq -1", ":1");
    expect(await codeOf(async () => budgets.reserve("s", ONE, OWNER))).toBe("store.rewound");
    expect(await codeOf(async () => budgets.accounts(OWNER))).toBe("store.rewound");
    expect(budgets.rewound()).toEqual([{ tenant: "acme", sinceMs: expect.closeTo(Date.now() - 60_000, -4) }]);
  });

  it("is known when it lost everything, and stays so though another process began anew in it", async () => {
    const { server, budgets } = await prepare();
    await command(server, "FLUSHALL", "+OK");
    const fresh = await openBudgets(server.url);
    for (const id of ["1", "2", "3", "4"]) await fresh.reserve(id, ONE, OWNER);
    expect(await codeOf(async () => budgets.reserve("s", ONE, OWNER))).toBe("store.rewound");
  });

  it("leaves other tenants alone", async () => {
    const { server, budgets } = await prepare();
    await command(server, "HINCRBY cortexos:{t.acme}:fence seq -1", ":1");
    await codeOf(async () => budgets.reserve("s", ONE, OWNER));
    expect(await budgets.reserve("s", ONE, { ...OWNER, tenant: "other" })).toEqual({ reserved: true });
  });
});
