import {
  eventually,
  freePort,
  rawConnect,
  startNatsServer,
  startTcpProxy,
  tap,
  type NatsServer,
} from "@cortexos/devkit";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterEach, describe, expect, it } from "vitest";
import { startRig, type Rig } from "./sidecar-rig.ts";
import { ALLOW_ALL } from "./test-bundle.ts";

const CONNECT = 'CONNECT {"verbose":false,"protocol":1}\r\n';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

async function startServer(port?: number): Promise<NatsServer> {
  const server = await startNatsServer({ jetStream: false, ...(port !== undefined && { port }) });
  stops.push(async () => server.stop());
  return server;
}

/** A sidecar in front of these addresses; the rig's own server is none of them. */
async function startFor(urls: readonly string[], limits: object = {}): Promise<Rig> {
  const rig = await startRig({
    rego: ALLOW_ALL,
    nats: { jetStream: false },
    config: { upstream: { urls, order: "listed" }, limits: { drainMs: 200, ...limits } },
  });
  stops.push(async () => rig.stop());
  await isUp(rig);
  return rig;
}

async function openAgent(rig: Rig): Promise<NatsConnection> {
  const agent = await connect({
    servers: rig.url,
    reconnectTimeWait: 20,
    reconnectJitter: 20,
    maxReconnectAttempts: -1,
  });
  stops.push(async () => agent.close());
  return agent;
}

async function isUp(rig: Rig): Promise<void> {
  await eventually(() => rig.sidecar.readiness()["upstream"]?.ok === true, { what: "the sidecar's own connection" });
}

/** What arrives at this server of one publish of the agent. */
async function publishes(agent: NatsConnection, server: NatsServer): Promise<readonly string[]> {
  const behind = await tap(server.url, "work.>");
  agent.publish("work.a", "hi");
  await agent.flush();
  const texts = (await behind.flushed()).map(({ text }) => text);
  await behind.close();
  return texts;
}

describe("of several upstreams", () => {
  it("the next takes over when one is lost, for clients and for the sidecar itself, and keeps them", async () => {
    const [first, second] = [await startServer(), await startServer()];
    const rig = await startFor([first.url, second.url]);
    const agent = await openAgent(rig);
    expect(await publishes(agent, first)).toEqual(["hi"]);
    const back = reconnect(agent);
    await first.kill();
    await back;
    expect(await publishes(agent, second)).toEqual(["hi"]);
    await isUp(rig);
    expect(rig.sidecar.readiness()["upstream"]?.detail).toContain(String(second.port));
    await first.restart();
    expect(await publishes(await openAgent(rig), second)).toEqual(["hi"]);
  });

  it("one that takes connections and never greets costs its time once, not every client", async () => {
    const mute = await startTcpProxy(await startServer(), { blackHole: true });
    stops.push(async () => mute.close());
    const second = await startServer();
    const rig = await startFor([mute.url, second.url], { upstreamConnectMs: 200 });
    expect(await publishes(await openAgent(rig), second)).toEqual(["hi"]);
    const connectionCount = mute.recorded().length;
    expect(await publishes(await openAgent(rig), second)).toEqual(["hi"]);
    expect(mute.recorded().length).toBe(connectionCount);
  });
});

describe("what is under way when the upstream is lost", () => {
  const COUNT = 2_000;
  const PADDING = "x".repeat(500);

  it("arrives up to some message and not beyond, none twice, and the records tell the two apart", async () => {
    const server = await startServer();
    const behind = await tap(server.url, "work.>");
    stops.push(async () => behind.close());
    const proxy = await startTcpProxy(server, { cutAfterBytes: 300_000 });
    stops.push(async () => proxy.close());
    const rig = await startFor([proxy.url]);
    const client = await rawConnect(rig.port);
    const payload = (i: number): string => `${String(i).padStart(5, "0")}${PADDING}`;
    const frames = Array.from({ length: COUNT }, (_, i) => `PUB work.${i} 505\r\n${payload(i)}\r\n`);
    await client.write(`${CONNECT}${frames.join("")}`).catch(() => undefined);
    await client.waitForClose();
    proxy.setFaults({});
    // Whoever comes after it has a connection of his own: nothing of the first one is sent on it.
    const agent = await openAgent(rig);
    agent.publish("work.last", "last");
    await agent.flush();
    const texts = (await behind.flushed()).map(({ text }) => text);
    expect(texts.at(-1)).toBe("last");
    expect(texts.length).toBeGreaterThan(1);
    expect(texts.length).toBeLessThan(COUNT);
    expect(texts.slice(0, -1)).toEqual(texts.slice(0, -1).map((_, i) => payload(i)));
    const { decided, released } = told(rig);
    expect(released).toBeGreaterThanOrEqual(texts.length);
    expect(decided).toBeGreaterThanOrEqual(released);
  });
});

describe("a storm of reconnects", () => {
  const CLIENT_COUNT = 200;

  it("brings every client back when the upstream is, and no connection is left over", async () => {
    const port = await freePort();
    const server = await startServer(port);
    const rig = await startFor([server.url]);
    const agents = await Promise.all(Array.from({ length: CLIENT_COUNT }, async () => openAgent(rig)));
    const back = Promise.all(agents.map(reconnect));
    await server.restart();
    await back;
    const behind = await tap(server.url, "work.>");
    stops.push(async () => behind.close());
    for (const [i, agent] of agents.entries()) agent.publish(`work.${i}`, String(i));
    await Promise.all(agents.map(async (agent) => agent.flush()));
    const numbers = (await behind.flushed()).map(({ text }) => Number(text)).toSorted((a, b) => a - b);
    expect(numbers).toEqual(agents.map((_, i) => i));
    expect(await metric(rig, "cortexos_connections")).toBe(CLIENT_COUNT);
    expect(rig.sidecar.readiness()["upstream"]?.ok).toBe(true);
  });
});

/** Decisions and releases that the records tell of. */
function told(rig: Rig): { readonly decided: number; readonly released: number } {
  const records = rig.sidecar.recentRecords();
  return {
    decided: records.filter(({ type }) => type === "decision").length,
    released: records.filter((record) => record.type === "outcome" && record.result === "released").length,
  };
}

/** Resolves with the agent's next reconnect. */
async function reconnect(agent: NatsConnection): Promise<void> {
  for await (const { type } of agent.status()) if (type === "reconnect") return;
}

async function metric(rig: Rig, name: string): Promise<number> {
  const text = await (await fetch(`http://${rig.sidecar.adminAddress}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1]);
}
