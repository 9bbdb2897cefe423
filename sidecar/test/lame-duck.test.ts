import { eventually, rawConnect, startNatsServer, tap, type NatsServer, type RawClient } from "@cortexos/devkit";
import { connect } from "@nats-io/transport-node";
import { afterEach, describe, expect, it } from "vitest";
import { startRig, type Rig } from "./sidecar-rig.ts";
import { ALLOW_ALL } from "./test-bundle.ts";

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

/** Two servers of one cluster, which tell their clients of each other, and a sidecar in front of them. */
async function start(): Promise<{ readonly rig: Rig; readonly going: NatsServer; readonly staying: NatsServer }> {
  const lameDuck = 'lame_duck_duration: "30s", lame_duck_grace_period: "10ms"';
  const cluster = (routes: string): string => `${lameDuck}\ncluster { name: c, listen: "127.0.0.1:-1", ${routes} }`;
  const going = await startNatsServer({ jetStream: false, configText: cluster("") });
  // In lame duck mode it takes half a minute to end by itself.
  stops.push(async () => going.kill().then(async () => going.stop()));
  const route = /Listening for route connections on (\S+)/.exec(going.log())?.[1] ?? "";
  const staying = await startNatsServer({ jetStream: false, configText: cluster(`routes: ["nats://${route}"]`) });
  stops.push(async () => staying.stop());
  await eventually(() => staying.log().includes("Route connection created"), { what: "the route" });
  const rig = await startRig({
    rego: ALLOW_ALL,
    nats: { jetStream: false },
    config: { upstream: { urls: [going.url, staying.url], order: "listed" }, limits: { drainMs: 200 } },
  });
  stops.push(async () => rig.stop());
  await eventually(() => rig.sidecar.readiness()["upstream"]?.ok === true, { what: "the sidecar's own connection" });
  return { rig, going, staying };
}

async function greeted(rig: Rig): Promise<RawClient> {
  const client = await rawConnect(rig.port);
  await client.write('CONNECT {"verbose":false,"protocol":1}\r\nPING\r\n');
  await client.waitFor("PONG\r\n");
  return client;
}

describe("an upstream that says goodbye", () => {
  it("is heard by the client, who learns of no server but the sidecar", async () => {
    const { rig, going, staying } = await start();
    const client = await greeted(rig);
    going.lameDuck();
    const said = await client.waitFor(/INFO .*"ldm":true.*\r\n/);
    const info = JSON.parse(said.slice(said.lastIndexOf("INFO ") + 5)) as Readonly<Record<string, unknown>>;
    expect(info).toMatchObject({ ldm: true, host: "127.0.0.1", port: rig.port });
    for (const port of [going.port, staying.port]) expect(client.received()).not.toContain(`:${port}`);
    expect(info["connect_urls"] ?? [`127.0.0.1:${rig.port}`]).toEqual([`127.0.0.1:${rig.port}`]);
    client.close();
  });

  it("gets no new connection; its own go to another server when it goes", async () => {
    const { rig, going, staying } = await start();
    const behind = await tap(staying.url, "work.>");
    stops.push(async () => behind.close());
    const agent = await connect({ servers: rig.url, reconnectTimeWait: 20, maxReconnectAttempts: -1 });
    stops.push(async () => agent.close());
    const seen: string[] = [];
    void (async () => {
      for await (const { type } of agent.status()) seen.push(type);
    })();
    going.lameDuck();
    await eventually(() => seen.includes("ldm"), { what: "the goodbye" });
    // Its listener is closed: whoever connects now comes to the other server by the same sidecar.
    const next = await connect({ servers: rig.url });
    expect(next.info?.ldm ?? false).toBe(false);
    next.publish("work.next", "next");
    await next.flush();
    await next.close();
    await going.kill();
    await eventually(() => seen.includes("reconnect"), { what: "the reconnect" });
    agent.publish("work.after", "after");
    await agent.flush();
    expect((await behind.flushed()).map(({ text }) => text)).toEqual(["next", "after"]);
    await eventually(() => rig.sidecar.readiness()["upstream"]?.detail.includes(String(staying.port)) === true, {
      what: "the sidecar's own connection at the other server",
    });
  });
});
