import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { eventually, rawConnect, startRedisServer, startTcpProxy, type RedisServer } from "@cortexos/devkit";
import { describe, expect, it, onTestFinished } from "vitest";
import { parseConfig } from "../src/config/load-config.ts";
import { createLogger } from "../src/logger.ts";
import { startSidecar, type Sidecar } from "../src/start-sidecar.ts";
import { openAgentV3, type AgentClient } from "./agent-client.ts";
import { startRig, type Rig, type RigOptions } from "./sidecar-rig.ts";
import { BY_LAST_TOKEN } from "./test-bundle.ts";

const TOKEN = "token-of-the-test-approver";

const REGO = `${BY_LAST_TOKEN}
allow contains {"reason": "costs a unit", "budget": {"scope": "calls", "amount": 1}} if last == "spend"
`;

const BUDGETS = [{ scope: "calls", limit: 3, windowMs: 86_400_000 }];

async function rigWith(config: Readonly<Record<string, unknown>>, more: Partial<RigOptions> = {}): Promise<Rig> {
  const rig = await startRig({ rego: REGO, config: { budgets: BUDGETS, ...config }, ...more });
  onTestFinished(() => rig.stop());
  await eventually(() => rig.sidecar.readiness()["stores"]?.ok);
  return rig;
}

/** Another sidecar in front of the same upstream: as after a restart, or beside the first. */
async function another(rig: Rig, config: Readonly<Record<string, unknown>>): Promise<Sidecar> {
  const document = {
    listeners: [{ kind: "tcp", host: "127.0.0.1", port: 0 }],
    upstream: { urls: [rig.nats.url] },
    caller: { principal: { id: "agent-7", tenant: "acme", roles: ["OPERATOR"] }, environment: "dev" },
    bundle: { path: rig.bundlePath, trustedKeys: [{ keyId: rig.keyId, publicKeyFile: "key.pem" }], watch: false },
    records: { kind: "memory" },
    budgets: BUDGETS,
    admin: {
      port: 0,
      approvers: [{ tokenFile: "token", principal: { id: "ada", kind: "human", roles: ["SRE_LEAD"], tenant: "acme" } }],
    },
    ...config,
  };
  const sidecar = await startSidecar(parseConfig(document, { directory: rig.folder, source: "another" }), {
    log: createLogger("silent"),
  });
  onTestFinished(() => sidecar.stop());
  await eventually(() => Object.values(sidecar.readiness()).every(({ ok }) => ok));
  return sidecar;
}

async function agentOf(sidecar: Sidecar): Promise<AgentClient> {
  const agent = await openAgentV3(`nats://${sidecar.address}`);
  onTestFinished(() => agent.close());
  return agent;
}

async function admin(sidecar: Sidecar, method: "GET" | "POST", path: string): Promise<{ status: number; body: Body }> {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const answer = await fetch(`http://${sidecar.adminAddress}${path}`, { method, headers });
  return { status: answer.status, body: (await answer.json()) as Body };
}

interface Body {
  readonly approvals?: readonly { readonly id: string; readonly status: string }[];
  readonly reasons?: readonly string[];
  readonly checks?: Readonly<Record<string, { readonly ok: boolean; readonly detail: string }>>;
}

async function redisStores(): Promise<{ readonly server: RedisServer; readonly stores: Record<string, unknown> }> {
  const server = await startRedisServer({ persistent: true });
  onTestFinished(() => server.stop());
  return { server, stores: { kind: "redis", url: server.url } };
}

const kinds = [
  { kind: "redis", open: async () => (await redisStores()).stores },
  { kind: "jetstream", open: async () => Promise.resolve({ kind: "jetstream" }) },
];

describe.each(kinds)("stores in $kind", ({ open }) => {
  it("count one budget and one throttle over all sidecars", async () => {
    const stores = await open();
    const rig = await rigWith({ stores });
    const agents = [await agentOf(rig.sidecar), await agentOf(await another(rig, { stores }))];
    const ends: string[] = [];
    for (let i = 0; i < 6; i++) ends.push((await agents[i % 2]?.publish("work.spend", "{}"))?.end ?? "");
    expect(ends.filter((end) => end === "ok")).toHaveLength(3);
    const throttled = await Promise.all(agents.map(async (agent) => agent.publish("work.throttle", "{}")));
    expect(throttled.filter(({ end }) => end === "ok")).toHaveLength(1);
  });

  it("keep a held message over a restart, to be approved and released once", async () => {
    const stores = await open();
    const rig = await rigWith({ stores });
    const behind = await connect({ servers: rig.nats.url });
    onTestFinished(() => behind.close());
    const { streams } = await jetstreamManager(behind);
    await streams.add({ name: "WORK", subjects: ["work.>"] });
    const agent = await agentOf(rig.sidecar);
    await agent.publish("work.hold", '{"n":1}');
    await rig.sidecar.stop();
    const later = await another(rig, { stores });
    const listed = (await admin(later, "GET", "/v1/approvals")).body.approvals ?? [];
    expect(listed).toMatchObject([{ status: "waiting" }]);
    const path = `/v1/approvals/${listed[0]?.id}/approve`;
    const [first, again] = [await admin(later, "POST", path), await admin(later, "POST", path)];
    expect([first.status, again.status]).toEqual([200, 409]);
    await eventually(async () => (await rig.tap.flushed()).some(({ subject }) => subject === "work.hold"));
    const released = (await rig.tap.flushed()).filter(({ subject }) => subject === "work.hold");
    expect(released.map(({ text }) => text)).toEqual(['{"n":1}']);
    const stored = await streams.getMessage("WORK", { last_by_subj: "work.hold" });
    expect(stored?.header.get("Nats-Msg-Id")).toBe(listed[0]?.id);
  });
});

describe("/readyz", () => {
  it.each([
    [{ kind: "memory" }, "memory of this process: lost at exit, shared with no other"],
    [{ kind: "jetstream", bucketPrefix: "MINE" }, "JetStream, buckets MINE_…"],
  ])("says where state is: %o", async (stores, detail) => {
    const rig = await rigWith({ stores });
    expect((await admin(rig.sidecar, "GET", "/readyz")).body.checks?.["stores"]).toEqual({ ok: true, detail });
  });

  it("says of Redis its version and what a restart of it loses", async () => {
    const server = await startRedisServer();
    onTestFinished(() => server.stop());
    const rig = await rigWith({ stores: { kind: "redis", url: server.url } });
    const { body } = await admin(rig.sidecar, "GET", "/readyz");
    expect(body.checks?.["stores"]?.detail).toMatch(
      /^Redis 127\.0\.0\.1:\d+, \d+\.\d+\.\d+, no append-only file: a restart/,
    );
  });
});

describe("Redis away (design §8)", () => {
  it("denies what needs it, with the reason, and nothing else; and goes on when it is back", async () => {
    const { server } = await redisStores();
    const proxy = await startTcpProxy({ port: server.port });
    onTestFinished(() => proxy.close());
    const rig = await rigWith({ stores: { kind: "redis", url: `redis://127.0.0.1:${proxy.port}` } });
    const agent = await agentOf(rig.sidecar);
    const send = async (outcome: string): Promise<string> => {
      const { end, message = "" } = await agent.publish(`work.${outcome}`, "{}");
      return end === "ok" ? "ok" : (/rule=(\S+)/.exec(message)?.[1] ?? message);
    };
    const sendAll = async (): Promise<readonly string[]> => {
      const ends: string[] = [];
      for (const outcome of ["spend", "pace", "hold", "allow", "mod", "deny"]) ends.push(await send(outcome));
      return ends;
    };
    expect((await sendAll()).slice(0, 5)).toEqual(["ok", "ok", "ok", "ok", "ok"]);
    await server.kill();
    await eventually(() => rig.sidecar.readiness()["stores"]?.ok === false);
    expect((await sendAll()).slice(0, 5)).toEqual([
      "budget.unavailable",
      "throttle.unavailable",
      "hold.unavailable",
      "ok",
      "ok",
    ]);
    const { status, body } = await admin(rig.sidecar, "GET", "/readyz");
    expect([status, body.reasons]).toEqual([503, [expect.stringMatching(/^stores: Redis/)]]);
    await server.restart();
    await eventually(() => rig.sidecar.readiness()["stores"]?.ok);
    expect((await sendAll()).slice(0, 5)).toEqual(["ok", "ok", "ok", "ok", "ok"]);
    proxy.setFaults({ blackHole: true });
    expect(await send("spend")).toBe("budget.unavailable");
    expect(await send("allow")).toBe("ok");
  });

  it("starts without it, denies, and goes on when it comes", async () => {
    const { server } = await redisStores();
    await server.kill();
    const rig = await startRig({
      rego: REGO,
      config: { budgets: BUDGETS, stores: { kind: "redis", url: server.url } },
    });
    onTestFinished(() => rig.stop());
    const agent = await agentOf(rig.sidecar);
    expect((await agent.publish("work.spend", "{}")).message).toContain("budget.unavailable");
    await server.restart();
    await eventually(() => rig.sidecar.readiness()["stores"]?.ok);
    expect((await agent.publish("work.spend", "{}")).end).toBe("ok");
  });
});

describe("Redis that lost acknowledged writes", () => {
  it("denies spending until budgets are rebuilt from the records, and forgets nothing that was spent", async () => {
    const { server, stores } = await redisStores();
    const records = { kind: "jetstream", stream: "CORTEXOS_AUDIT", subject: "sys.audit.event" };
    const rig = await rigWith({ stores, records });
    const agent = await agentOf(rig.sidecar);
    const spend = async (): Promise<string> => {
      const { end, message = "" } = await agent.publish("work.spend", "{}");
      return end === "ok" ? "ok" : (/rule=(\S+)/.exec(message)?.[1] ?? message);
    };
    await eventually(() => rig.sidecar.readiness()["records"]?.ok);
    expect([await spend(), await spend()]).toEqual(["ok", "ok"]);
    const client = await rawConnect(server.port);
    await client.write("FLUSHALL\r\n");
    await client.waitFor("+OK\r\n");
    client.close();
    expect(await spend()).toBe("budget.unavailable");
    expect(rig.sidecar.readiness()["stores"]?.detail).toContain("lost acknowledged writes of tenant acme");
    await eventually(() => rig.sidecar.readiness()["stores"]?.ok);
    expect([await spend(), await spend()]).toEqual(["ok", "budget.exhausted"]);
  });
});

describe("a start", () => {
  it.each(["allkeys-lru", "volatile-lfu"])("is refused with a Redis that evicts: %s", async (policy) => {
    const server = await startRedisServer({ args: ["--maxmemory-policy", policy] });
    onTestFinished(() => server.stop());
    const rig = await rigWith({ stores: { kind: "memory" } });
    const started = another(rig, { stores: { kind: "redis", url: server.url } });
    await expect(started).rejects.toMatchObject({ code: "stores.unsafe", message: expect.stringContaining(policy) });
  });

  it("is refused with budgets that make no sense", async () => {
    const rig = await rigWith({ stores: { kind: "memory" } });
    const twice = [
      { scope: "calls", limit: 1 },
      { scope: "calls", limit: 2 },
    ];
    await expect(another(rig, { budgets: twice })).rejects.toMatchObject({ code: "budgets.invalid" });
  });
});
