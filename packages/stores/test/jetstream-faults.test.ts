import { jetstreamManager, RetentionPolicy, type StreamConfig } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { eventually, startNatsServer, startTcpProxy, type NatsServer } from "@cortexos/devkit";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  BUDGET_BUCKET,
  openJetStreamBudgetStore,
  openJetStreamHoldStore,
  openJetStreamThrottleStore,
  THROTTLE_BUCKET,
} from "../src/index.ts";
import { sampleHold } from "../src/test/samples.ts";

const OWNER = { tenant: "acme", agent: "agent", run: "1" };
const LIMITS = [{ scope: "a", limit: 500 }];
const ONE = [{ scope: "a", amount: 1 }];
const THROTTLE = [{ key: "acme/k", rate: 1, burst: 1_000, windowMs: 60_000 }];

async function startServer(configText = ""): Promise<NatsServer> {
  const server = await startNatsServer({ configText, syncAlways: true });
  onTestFinished(() => server.stop());
  return server;
}

async function join(url: string): Promise<NatsConnection> {
  const connection = await connect({ servers: url, reconnectTimeWait: 20, maxReconnectAttempts: -1 });
  onTestFinished(() => connection.close());
  return connection;
}

async function codeOf(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (reason) {
    return reason instanceof Error && "code" in reason ? reason.code : reason;
  }
}

describe("stores in JetStream, shared", () => {
  it("H118: admit exactly the limit to many processes at once", async () => {
    const server = await startServer();
    const open = async () => openJetStreamBudgetStore({ connection: await join(server.url), limits: LIMITS });
    const clients = await Promise.all(Array.from({ length: 4 }, open));
    const answers = await Promise.all(
      clients.flatMap((client, c) =>
        Array.from({ length: 150 }, async (_each, i) => {
          const { reserved } = await client.reserve(`${c}.${i}`, ONE, OWNER);
          if (reserved) await client.commit(`${c}.${i}`, OWNER);
          return reserved;
        }),
      ),
    );
    expect(answers.filter(Boolean)).toHaveLength(500);
    expect((await clients[0]?.accounts(OWNER))?.[0]).toMatchObject({ committed: 500, reserved: 0 });
  });

  it("carry many steps of one process in one write", async () => {
    const server = await startServer();
    const connection = await join(server.url);
    const store = await openJetStreamThrottleStore({ connection });
    const answers = await Promise.all(Array.from({ length: 300 }, async () => store.take(THROTTLE)));
    expect(answers.every(([answer]) => answer?.admitted === true)).toBe(true);
    const { streams } = await jetstreamManager(connection);
    expect((await streams.info(`KV_${THROTTLE_BUCKET}`)).state.last_seq).toBeLessThan(10);
  });

  it("hold no message that is larger than one of the server's", async () => {
    const server = await startServer("max_payload: 32768");
    const holds = await openJetStreamHoldStore({ connection: await join(server.url) });
    const terms = { expiresAtNs: "9".repeat(19) };
    expect(await holds.park(sampleHold("big", { ...terms, payload: new Uint8Array(20_000) }))).toBe("full");
    expect(await holds.park(sampleHold("small", terms))).toBe("parked");
  });
});

describe("stores in JetStream, failing", () => {
  it("refuse at once while the server is away, and go on when it is back", async () => {
    const server = await startServer();
    const budgets = await openJetStreamBudgetStore({ connection: await join(server.url), limits: LIMITS });
    await budgets.reserve("r", ONE, OWNER);
    await server.kill();
    const reserve = async (): Promise<unknown> => codeOf(() => budgets.reserve("s", ONE, OWNER));
    await eventually(async () => (await reserve()) === "store.away");
    await server.restart();
    await eventually(async () => (await reserve()) !== "store.away");
    await budgets.commit("r", OWNER);
    expect((await budgets.accounts(OWNER))[0]).toMatchObject({ committed: 1, reserved: 1 });
  });

  it("refuse when no answer comes in time", async () => {
    const server = await startServer();
    const proxy = await startTcpProxy({ port: server.port });
    onTestFinished(() => proxy.close());
    const store = await openJetStreamThrottleStore({ connection: await join(proxy.url), timeoutMs: 100 });
    await store.take(THROTTLE);
    proxy.setFaults({ blackHole: true });
    expect(await codeOf(() => store.take(THROTTLE))).toBe("store.away");
  });

  it("refuse what they can't read (a state that somebody else wrote)", async () => {
    const server = await startServer();
    const connection = await join(server.url);
    const budgets = await openJetStreamBudgetStore({ connection, limits: LIMITS });
    connection.publish(
      `$KV.${BUDGET_BUCKET}.acme`,
      '{"accounts":[["x",{"state":{"committed":-1}}]],"pending":[],"resolved":[]}',
    );
    await connection.flush();
    expect(await codeOf(() => budgets.reserve("r", ONE, OWNER))).toBe("store.damaged");
  });

  it("say so when JetStream is not there", async () => {
    const server = await startNatsServer({ jetStream: false });
    onTestFinished(() => server.stop());
    const opened = openJetStreamThrottleStore({ connection: await join(server.url) });
    await expect(opened).rejects.toMatchObject({ code: "stream.unavailable" });
  });

  const UNSAFE: readonly (readonly [setting: string, config: Partial<StreamConfig>])[] = [
    ["storage", { storage: "memory" }],
    ["discard", { discard: "old" }],
    ["max_age", { max_age: 86_400_000_000_000 }],
    ["max_msgs_per_subject", { max_msgs_per_subject: 5 }],
    ["allow_msg_ttl", { allow_msg_ttl: true }],
    ["retention", { retention: RetentionPolicy.Interest }],
    ["no_ack", { no_ack: true }],
  ];

  it.each(UNSAFE)("refuse a bucket that could lose state by its %s", async (setting, config) => {
    const server = await startServer();
    const connection = await join(server.url);
    const { streams } = await jetstreamManager(connection);
    const safe = { storage: "file", discard: "new", max_msgs_per_subject: 1 } as const;
    await streams.add({ name: `KV_${THROTTLE_BUCKET}`, subjects: [`$KV.${THROTTLE_BUCKET}.>`], ...safe, ...config });
    const opened = openJetStreamThrottleStore({ connection });
    await expect(opened).rejects.toMatchObject({ code: "stream.unsafe", message: expect.stringContaining(setting) });
  });
});
