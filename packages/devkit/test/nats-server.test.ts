import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "@nats-io/transport-node";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  createCertificateAuthority,
  createTempDir,
  rawConnect,
  startNatsServer,
  tap,
  type NatsServer,
  type NatsServerOptions,
} from "../src/index.ts";
import { hasEnded } from "./fixtures.ts";

async function start(options?: NatsServerOptions): Promise<NatsServer> {
  const server = await startNatsServer(options);
  onTestFinished(() => server.stop());
  return server;
}

/** A JetStream API request by bare protocol: this package need not know the client for it. */
async function request(port: number, subject: string, body = ""): Promise<string> {
  const client = await rawConnect(port);
  try {
    await client.write(
      `CONNECT {"verbose":false}\r\nSUB inbox 1\r\nPUB ${subject} inbox ${body.length}\r\n${body}\r\n`,
    );
    return await client.waitFor(/MSG inbox 1 .*\r\n.*\r\n/);
  } finally {
    client.close();
  }
}

describe("startNatsServer", () => {
  it("keeps port and streams over a restart and over a kill", async () => {
    const server = await start();
    const made = await request(
      server.port,
      "$JS.API.STREAM.CREATE.KEPT",
      `{"name":"KEPT","subjects":["kept"],"storage":"file"}`,
    );
    expect(made).not.toContain("error");
    await server.restart();
    await expect(request(server.port, "$JS.API.STREAM.NAMES")).resolves.toContain("KEPT");
    const pid = server.pid();
    await server.kill();
    await hasEnded(pid);
    await expect(rawConnect(server.port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await server.restart();
    await expect(request(server.port, "$JS.API.STREAM.NAMES")).resolves.toContain("KEPT");
    expect(server.log().match(/Server is ready/g)).toHaveLength(3);
  });

  it("removes its temporary folder when stopped, and can't be restarted then", async () => {
    const server = await start();
    expect(existsSync(server.storeDir)).toBe(true);
    await server.stop();
    expect(existsSync(server.storeDir)).toBe(false);
    await expect(server.restart()).rejects.toMatchObject({ code: "process.stopped" });
  });

  it("leaves a given folder where it is", async () => {
    const folder = createTempDir("given");
    onTestFinished(() => folder.remove());
    writeFileSync(join(folder.path, "mine"), "");
    const server = await start({ storeDir: folder.path });
    await server.stop();
    expect(existsSync(join(folder.path, "mine"))).toBe(true);
  });

  it("takes users, monitoring and sync_always", async () => {
    const server = await start({
      monitoring: true,
      syncAlways: true,
      configText: `authorization { users: [{ user: "a", password: "b" }] }`,
    });
    const varz = await fetch(`${server.monitoringUrl}/varz`);
    await expect(varz.json()).resolves.toMatchObject({ jetstream: { config: { sync_always: true } } });
    await expect(connect({ servers: server.url, user: "a", pass: "c" })).rejects.toThrow(/[Aa]uthorization/);
    await (await connect({ servers: server.url, user: "a", pass: "b" })).close();
  });

  it.each([false, true])(
    "secures its clients' connections and wants to see their certificates; first of all: %s",
    async (handshakeFirst) => {
      const authority = createCertificateAuthority();
      const certificate = authority.issue("localhost", "127.0.0.1");
      const clientAuthorityPem = authority.certificatePem;
      const server = await start({ jetStream: false, tls: { certificate, clientAuthorityPem, handshakeFirst } });
      const own = authority.issue("client");
      const tls = { ca: authority.certificatePem, handshakeFirst };
      const options = { servers: `localhost:${server.port}`, reconnect: false, timeout: 5_000 };
      await expect(connect({ ...options, tls })).rejects.toThrow(/certificate|closed|reset/i);
      const client = await connect({ ...options, tls: { ...tls, cert: own.certificatePem, key: own.keyPem } });
      await client.flush();
      await client.close();
    },
  );

  it("reads another configuration while it runs, and keeps it over a restart", async () => {
    const users = (password: string): string => `authorization { users: [{ user: "a", password: "${password}" }] }`;
    const server = await start({ jetStream: false, configText: users("b") });
    await server.reload(users("c"));
    await expect(connect({ servers: server.url, user: "a", pass: "b" })).rejects.toThrow(/[Aa]uthorization/);
    await server.restart();
    await (await connect({ servers: server.url, user: "a", pass: "c" })).close();
  });

  it("says goodbye to its clients", async () => {
    const server = await start({ jetStream: false });
    const client = await rawConnect(server.port);
    await client.write(`CONNECT {"verbose":false,"protocol":1}\r\nPING\r\n`);
    await client.waitFor("PONG\r\n");
    server.lameDuck();
    expect(await client.waitFor(/INFO .*"ldm":true.*\r\n/)).toContain('"ldm":true');
    client.close();
    await server.kill();
  });

  it("tells the server's words for a bad configuration", async () => {
    await expect(startNatsServer({ configText: "nonsense: {" })).rejects.toMatchObject({ code: "process.exited" });
  });
});

describe("tap", () => {
  it("has everything that was published before the barrier, and nothing else", async () => {
    const server = await start({ jetStream: false });
    const behind = await tap(server.url, "work.>");
    const publisher = await connect({ servers: server.url });
    onTestFinished(async () => {
      await Promise.all([publisher.close(), behind.close()]);
    });
    await expect(behind.flushed()).resolves.toEqual([]);
    for (let i = 0; i < 1_000; i++) publisher.publish("work.a", String(i));
    publisher.publish("other", "no");
    await publisher.flush();
    const seen = await behind.flushed();
    expect(seen.map((message) => message.text)).toEqual(Array.from({ length: 1_000 }, (_, i) => String(i)));
  });

  it("waits for a count or a message, and quotes what came when it does not", async () => {
    const server = await start({ jetStream: false });
    const behind = await tap(server.url);
    onTestFinished(() => behind.close());
    const client = await rawConnect(server.port);
    await client.write(`CONNECT {"headers":true}\r\nHPUB a.b reply 18 20\r\nNATS/1.0\r\nX: 1\r\n\r\nhi\r\n`);
    const [message] = await behind.waitFor(1);
    expect(message).toMatchObject({ subject: "a.b", reply: "reply", headers: [["X", "1"]], text: "hi" });
    await expect(behind.waitFor((m) => m.subject === "c", 50)).rejects.toThrow(/wait|a\.b hi/);
    behind.clear();
    expect(behind.messages()).toEqual([]);
  });
});
