import {
  createTempDir,
  eventually,
  freePort,
  rawConnect,
  startNatsServer,
  tap,
  type RawClient,
} from "@cortexos/devkit";
import { connect, nkeys } from "@nats-io/transport-node";
import { writeFileSync } from "node:fs";
import { connect as openSocket, createServer } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { metric, settledMetric } from "./rig-metrics.ts";
import { startRig, type Rig } from "./sidecar-rig.ts";
import { ALLOW_ALL, BY_LAST_TOKEN } from "./test-bundle.ts";

const DENIALS = 'cortexos_decisions_total{outcome="DENY"}';
const CONNECT = 'CONNECT {"verbose":false,"pedantic":false,"headers":true,"protocol":1}\r\n';

/** Where a flood has its time, however slow the machine is. */
const UNHURRIED = { stallMs: 600_000, refusalsPerSecondMax: 10_000_000, drainMs: 100 };

async function greeted(port: number): Promise<RawClient> {
  const client = await rawConnect(port);
  await client.waitFor(/INFO \{.*\}\r\n/);
  await client.write(`${CONNECT}PING\r\n`);
  await client.waitFor("PONG\r\n");
  return client;
}

describe("a client's protocol violation", () => {
  let rig: Rig;
  let honest: RawClient;
  beforeAll(async () => {
    rig = await startRig({ rego: ALLOW_ALL });
    honest = await greeted(rig.port);
  });
  afterAll(async () => {
    honest.close();
    await rig.stop();
  });

  it.each([
    ["an unknown operation", "NOPE\r\n", "wire.unknown_operation"],
    ["a verb that isn't a client's", "MSG a 1 2\r\nhi\r\n", "wire.unknown_operation"],
    ["a CR inside a control line", "PUB work.a\rb 2\r\nhi\r\n", "wire.control_line"],
    ["NUL in a subject", "PUB work.a\0b 2\r\nhi\r\n", "wire.control_line"],
    ["a negative size", "PUB work.a -1\r\nhi\r\n", "wire.size"],
    ["a payload longer than declared", "PUB work.a 1\r\nhi\r\n", "wire.payload_end"],
    ["a payload above the limit", "PUB work.a 2000000\r\n", "wire.payload_too_large"],
    ["a header block that isn't one", "HPUB work.a 4 6\r\nXX\r\nhi\r\n", "wire.header_block"],
    ["a second CONNECT", CONNECT, "wire.second_connect"],
    ["an HTTP request", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "wire.unknown_operation"],
  ])("closes that client alone and is recorded: %s", async (_, bytes, code) => {
    const violator = await greeted(rig.port);
    await violator.write(`PUB work.before 1\r\nx\r\n${bytes}PUB work.after 1\r\nx\r\n`);
    await violator.waitForClose();
    violator.close();
    await honest.write("PUB work.honest 2\r\nok\r\nPING\r\n");
    await honest.waitFor("PONG\r\n");
    // The server reads its connections side by side: what the violator sent has all arrived only when that connection has closed.
    await eventually(async () => (await metric(rig, "cortexos_connections")) === 1, {
      what: "the end of the violator",
    });
    const subjects = (await rig.tap.flushed()).map(({ subject }) => subject);
    expect(subjects.sort()).toEqual(["work.before", "work.honest"]);
    rig.tap.clear();
    const violations = rig.sidecar.recentRecords().filter((record) => record.type === "violation");
    expect(violations.at(-1)).toMatchObject({ code });
  });

  it("is refused before CONNECT as well", async () => {
    const client = await rawConnect(rig.port);
    await client.waitFor(/INFO \{.*\}\r\n/);
    await client.write(`PUB work.early 1\r\nx\r\n${CONNECT}PUB work.late 1\r\nx\r\n`);
    await client.waitForClose();
    expect(await rig.tap.flushed()).toEqual([]);
  });

  it.each(["work.*", "work.>", ">", "work..a", "work.\u00a0a"])(
    "is none when a subject can't be published to, which is denied: %j",
    async (subject) => {
      const client = await greeted(rig.port);
      await client.write(`PUB ${subject} 2\r\nhi\r\nPING\r\n`);
      await client.waitFor(/(PONG|-ERR).*\r\n/);
      client.close();
      expect(await rig.tap.flushed()).toEqual([]);
    },
  );
});

describe("a client", () => {
  let rig: Rig;
  afterEach(async () => {
    await rig.stop();
  });

  it("learns no way around the sidecar from INFO", async () => {
    rig = await startRig({ rego: ALLOW_ALL });
    const client = await rawConnect(rig.port);
    const info = await client.waitFor(/INFO \{.*\}\r\n/);
    expect(info).toContain(`"port":${rig.port}`);
    await client.write(`${CONNECT}PING\r\n`);
    await client.waitFor("PONG\r\n");
    expect(client.received()).not.toContain(String(rig.nats.port));
    client.close();
  });

  it("is turned away when there are too many, until one goes", async () => {
    rig = await startRig({ rego: ALLOW_ALL, config: { limits: { connectionCountMax: 2, drainMs: 100 } } });
    const [first] = [await greeted(rig.port), await greeted(rig.port)];
    const third = await rawConnect(rig.port);
    await third.waitFor("-ERR 'maximum connections exceeded'\r\n");
    await third.waitForClose();
    first?.close();
    const fourth = await eventually(async () => greeted(rig.port), { what: "a free place" });
    fourth.close();
    expect(await metric(rig, 'cortexos_connections_refused_total{reason="connections"}')).toBeGreaterThanOrEqual(1);
  });

  it("is served on a Unix socket as well", async () => {
    const temp = createTempDir("socket");
    const path = join(temp.path, "nats.sock");
    rig = await startRig({ rego: ALLOW_ALL, config: { listeners: [{ kind: "unix", path }] } });
    expect(rig.sidecar.address).toBe(`unix:${path}`);
    const client = openSocket(path);
    client.write(`${CONNECT}PUB work.a 2\r\nhi\r\n`);
    expect((await rig.tap.waitFor(1)).map(({ text }) => text)).toEqual(["hi"]);
    client.destroy();
    temp.remove();
  });

  it("that says nothing is closed after its time", async () => {
    rig = await startRig({ rego: ALLOW_ALL, config: { limits: { clientConnectMs: 50, drainMs: 100 } } });
    const silent = await rawConnect(rig.port);
    await silent.waitFor("-ERR 'Authentication Timeout'\r\n");
    await silent.waitForClose();
    const dripping = await rawConnect(rig.port);
    await dripping.write("CONN");
    await dripping.waitForClose();
    expect(dripping.received()).toContain("Authentication Timeout");
  });

  it("that reads nothing is not read from, and then gets everything", async () => {
    const limits = { ...UNHURRIED, clientBacklogBytesMax: 65_536 };
    rig = await startRig({ rego: ALLOW_ALL, logLevel: "warn", config: { limits } });
    const client = await greeted(rig.port);
    await client.write("SUB flood 1\r\nPING\r\n");
    await client.waitFor("PONG\r\n");
    client.pause();
    const behind = await connect({ servers: rig.nats.url });
    const payload = Buffer.alloc(65_536, 1);
    for (let i = 0; i < 400; i++) behind.publish("flood", payload);
    await behind.flush();
    await settledMetric(rig, 'cortexos_bytes_total{direction="upstream_to_client"}');
    const written = client.write("PUB work..bad 1\r\nx\r\n".repeat(5_000));
    const isPaused = async (): Promise<boolean> => (await metric(rig, DENIALS)) < 5_000;
    for (let i = 0; i < 20; i++) expect(await isPaused()).toBe(true);
    client.resume();
    await written;
    await eventually(() => client.received().length > 400 * 65_536, { what: "all of the flood", timeoutMs: 30_000 });
    await eventually(async () => (await metric(rig, DENIALS)) === 5_000, {
      what: "every decision",
      timeoutMs: 30_000,
    });
    await client.write("PING\r\n");
    await client.waitFor("PONG\r\n");
    client.close();
    await behind.close();
  });

  it("that publishes and reads no refusal is not read from, and then decided all the same", async () => {
    const count = 20_000;
    rig = await startRig({ rego: ALLOW_ALL, logLevel: "warn", config: { limits: UNHURRIED } });
    const client = await greeted(rig.port);
    await client.write("SUB inbox 1\r\n");
    client.pause();
    // Refusals of about 800 bytes, so that they are more than the system's buffers hold.
    const written = client.write(`PUB work..${"a".repeat(200)} inbox 1\r\nx\r\n`.repeat(count));
    expect(await settledMetric(rig, DENIALS)).toBeLessThan(count);
    client.resume();
    await written;
    await eventually(async () => (await metric(rig, DENIALS)) === count, {
      what: "every decision",
      timeoutMs: 50_000,
    });
    client.close();
  });

  it("is closed when the upstream goes, and finds it again", async () => {
    rig = await startRig({ rego: ALLOW_ALL });
    const agent = await connect({ servers: rig.url, reconnectTimeWait: 20, maxReconnectAttempts: -1 });
    const events: string[] = [];
    void (async () => {
      for await (const { type } of agent.status()) events.push(type);
    })();
    await rig.nats.restart();
    await eventually(() => events.includes("reconnect"), { what: "the agent's reconnect" });
    expect(events).toContain("disconnect");
    const again = await tap(rig.nats.url, "work.>");
    agent.publish("work.a", "x");
    await agent.flush();
    expect(await again.flushed()).toHaveLength(1);
    await again.close();
    await agent.close();
  });

  it("sends what it sent before it left", async () => {
    rig = await startRig({ rego: BY_LAST_TOKEN });
    const client = await greeted(rig.port);
    await client.write("PUB work.pace 1\r\na\r\nPUB work.pace 1\r\nb\r\nPUB work.last 1\r\nc\r\n");
    client.end();
    await client.waitForClose();
    expect((await rig.tap.waitFor(3)).map(({ text }) => text)).toEqual(["a", "b", "c"]);
  });
});

describe("the upstream", () => {
  const rigs: Rig[] = [];
  afterEach(async () => {
    for (const rig of rigs.splice(0)) await rig.stop();
  });

  it("is the next one when one is away", async () => {
    const gone = await freePort();
    const second = await startNatsServer();
    const rig = await startRig({
      rego: ALLOW_ALL,
      config: { upstream: { urls: [`nats://127.0.0.1:${gone}`, second.url] } },
    });
    rigs.push(rig);
    const client = await greeted(rig.port);
    client.close();
    await eventually(() => rig.sidecar.readiness()["upstream"]?.ok === true, { what: "the sidecar's own connection" });
    await second.stop();
    await eventually(async () => (await rig.admin("GET", "/readyz")).status === 503, { what: "not ready" });
    const answer = await rig.admin("GET", "/readyz");
    expect(answer.body["reasons"]).toEqual([expect.stringMatching(/^upstream: lost /)]);
  });

  it("that never greets is given up", async () => {
    const mute = createServer((socket) => socket.on("error", () => undefined));
    await new Promise<void>((done) => {
      mute.listen(0, "127.0.0.1", done);
    });
    const address = mute.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const rig = await startRig({
      rego: ALLOW_ALL,
      config: {
        upstream: { urls: [`nats://127.0.0.1:${port}`] },
        limits: { upstreamConnectMs: 50, drainMs: 100 },
      },
    });
    rigs.push(rig);
    const client = await rawConnect(rig.port);
    await client.waitForClose();
    expect(client.received()).toBe("");
    mute.close();
  });

  it.each([
    [
      "password",
      { kind: "password", user: "agent", passwordFile: "secret" },
      'users: [{ user: agent, password: "s3cret-canary" }]',
    ],
    ["token", { kind: "token", tokenFile: "secret" }, "token: s3cret-canary"],
  ])("is authenticated to by the sidecar, with a %s that no agent has", async (_, credentials, authorization) => {
    const nats = await startNatsServer({ configText: `authorization { ${authorization} }` });
    const secrets = createTempDir("secrets");
    writeFileSync(join(secrets.path, "secret"), "s3cret-canary\n");
    const files = Object.fromEntries(
      Object.entries(credentials).map(([key, value]) => [
        key,
        key.endsWith("File") ? join(secrets.path, value) : value,
      ]),
    );
    const rig = await startRig({ rego: ALLOW_ALL, config: { upstream: { urls: [nats.url], credentials: files } } });
    rigs.push(rig);
    const agent = await connect({ servers: rig.url });
    const echoed = agent.subscribe("work.a", { max: 1 });
    agent.publish("work.a", "x");
    for await (const message of echoed) expect(message.string()).toBe("x");
    expect(agent.info?.auth_required ?? false).toBe(false);
    await agent.close();
    expect(JSON.stringify(rig.logged())).not.toContain("canary");
    await nats.stop();
    secrets.remove();
  });

  it("is authenticated to by an nkey that signs each connection's nonce", async () => {
    const pair = nkeys.createUser();
    const nats = await startNatsServer({ configText: `authorization { users: [{ nkey: ${pair.getPublicKey()} }] }` });
    const secrets = createTempDir("secrets");
    const seedFile = join(secrets.path, "seed");
    writeFileSync(seedFile, pair.getSeed());
    const rig = await startRig({
      rego: ALLOW_ALL,
      config: { upstream: { urls: [nats.url], credentials: { kind: "nkey", seedFile } } },
    });
    rigs.push(rig);
    const agents = [await connect({ servers: rig.url }), await connect({ servers: rig.url })];
    for (const agent of agents) await agent.flush();
    for (const agent of agents) await agent.close();
    await eventually(() => rig.sidecar.readiness()["upstream"]?.ok === true, { what: "the sidecar's own connection" });
    expect(JSON.stringify(rig.logged())).not.toContain(Buffer.from(pair.getSeed()).toString());
    await nats.stop();
    secrets.remove();
  });

  it("refuses credentials that a client passes through, and the client sees it", async () => {
    const nats = await startNatsServer({ configText: 'authorization { users: [{ user: a, password: "b" }] }' });
    const rig = await startRig({ rego: ALLOW_ALL, config: { upstream: { urls: [nats.url] } } });
    rigs.push(rig);
    await expect(connect({ servers: rig.url, user: "a", pass: "x" })).rejects.toThrow(/Authorization/i);
    const agent = await connect({ servers: rig.url, user: "a", pass: "b" });
    await agent.close();
    await nats.stop();
  });
});

describe("stop", () => {
  it("finishes what was sent and is waiting, and takes nothing more", async () => {
    const rig = await startRig({ rego: BY_LAST_TOKEN, config: { limits: { drainMs: 30_000 } } });
    const client = await greeted(rig.port);
    await client.write("PUB work.pace 1\r\na\r\nPUB work.pace 1\r\nb\r\nPUB work.allow 1\r\nc\r\n");
    await rig.tap.waitFor(1);
    await rig.sidecar.stop();
    await client.waitForClose();
    expect((await rig.tap.flushed()).map(({ text }) => text)).toEqual(["a", "b", "c"]);
    await expect(rawConnect(rig.port)).rejects.toThrow(/ECONNREFUSED/);
    await rig.stop();
  });
});
