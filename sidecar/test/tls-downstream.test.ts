import { createCertificateAuthority, createTempDir, eventually, rawConnect, type TempDir } from "@cortexos/devkit";
import { connect, type ConnectionOptions } from "@nats-io/transport-node";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { connect as connectV2 } from "nats";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startRig, type Rig } from "./sidecar-rig.ts";
import { ALLOW_ALL, BY_LAST_TOKEN } from "./test-bundle.ts";

const authority = createCertificateAuthority();
const stranger = createCertificateAuthority("Another authority");
const CONNECT = 'CONNECT {"verbose":false,"protocol":1}\r\n';

let files: TempDir;
beforeAll(() => {
  files = createTempDir("tls-downstream");
  writeFileSync(join(files.path, "authority.pem"), authority.certificatePem);
});
afterAll(() => {
  files.remove();
});

const rigs: Rig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.stop();
});

/** A sidecar whose certificate is in `server.pem` and `server.key`. */
async function start(tls: Readonly<Record<string, unknown>> = {}, rego = ALLOW_ALL): Promise<Rig> {
  issueServer(authority);
  const listener = {
    kind: "tcp",
    host: "127.0.0.1",
    port: 0,
    tls: { certFile: join(files.path, "server.pem"), keyFile: join(files.path, "server.key"), ...tls },
  };
  const rig = await startRig({ rego, config: { listeners: [listener], limits: { drainMs: 200 } } });
  rigs.push(rig);
  return rig;
}

function issueServer(by: typeof authority): void {
  const { certificatePem, keyPem } = by.issue("localhost", "127.0.0.1");
  writeFileSync(join(files.path, "server.pem"), certificatePem);
  writeFileSync(join(files.path, "server.key"), keyPem);
}

function trusting(rig: Rig, ca = authority.certificatePem): ConnectionOptions {
  return { servers: `localhost:${rig.port}`, tls: { ca }, reconnect: false, timeout: 5_000 };
}

async function secured(rig: Rig): Promise<TLSSocket> {
  return new Promise((done, fail) => {
    const options = { port: rig.port, host: "127.0.0.1", ca: authority.certificatePem };
    const socket = connectTls(options, () => done(socket)).on("error", fail);
  });
}

async function published(rig: Rig): Promise<readonly string[]> {
  return (await rig.tap.flushed()).map(({ subject, text }) => `${subject} ${text.slice(0, 9)}`);
}

describe("a listener with TLS", () => {
  it("serves the official clients", async () => {
    const rig = await start();
    const agent = await connect(trusting(rig));
    const old = await connectV2({ servers: `localhost:${rig.port}`, tls: { ca: authority.certificatePem } });
    agent.publish("work.new", "hi");
    old.publish("work.old", Buffer.from("hi"));
    await Promise.all([agent.flush(), old.flush()]);
    await Promise.all([agent.close(), old.close()]);
    expect((await published(rig)).toSorted()).toEqual(["work.new hi", "work.old hi"]);
  });

  it("tells clients of its own leg and of no other", async () => {
    const rig = await start();
    const client = await rawConnect(rig.port);
    const info = JSON.parse((await client.waitFor(/INFO .*\r\n/)).slice(5)) as Readonly<Record<string, unknown>>;
    expect(info).toMatchObject({ tls_required: true, tls_available: true, host: "127.0.0.1", port: rig.port });
    expect(info).not.toHaveProperty("tls_verify");
    client.close();
  });

  it("takes no plain bytes, and says nothing more in plain text", async () => {
    const rig = await start();
    const client = await rawConnect(rig.port);
    await client.waitFor(/INFO .*\r\n/);
    const greeting = client.received().length;
    await client.write(`${CONNECT}PUB work.plain 2\r\nhi\r\nPING\r\n`);
    await client.waitForClose();
    expect(client.received().slice(greeting)).not.toMatch(/PONG|MSG|-ERR/);
    expect(await published(rig)).toEqual([]);
    await expect(connect({ ...trusting(rig), tls: null })).rejects.toThrow(/tls/i);
    await expect(connect(trusting(rig, stranger.certificatePem))).rejects.toThrow(/certificate|issuer/i);
  });

  it("begins with TLS where that is configured, for clients that do so", async () => {
    const rig = await start({ handshakeFirst: true });
    const agent = await connect({ ...trusting(rig), tls: { ca: authority.certificatePem, handshakeFirst: true } });
    agent.publish("work.first", "hi");
    await agent.flush();
    await agent.close();
    expect(await published(rig)).toEqual(["work.first hi"]);
    const plain = await rawConnect(rig.port);
    await plain.write(CONNECT);
    await plain.waitForClose();
    expect(plain.received()).not.toContain("INFO");
  });

  it("passes on a frame larger than any buffer, both ways, whole", async () => {
    const rig = await start({ handshakeFirst: true });
    const payload = "x".repeat(1_000_000);
    const socket = await secured(rig);
    let text = "";
    socket.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
    socket.write(`${CONNECT}SUB work.big 1\r\nPUB work.big 1000000\r\n${payload}\r\nPUB work.big 2\r\nhi\r\n`);
    await eventually(() => text.endsWith("MSG work.big 1 2\r\nhi\r\n"), { what: "both messages" });
    expect(text).toContain(`MSG work.big 1 1000000\r\n${payload}\r\n`);
    socket.destroy();
  });

  it("takes what a client sent before it left, although it waits for its turn", async () => {
    const rig = await start({ handshakeFirst: true }, BY_LAST_TOKEN);
    const socket = await secured(rig);
    const frames = ["a", "b", "c"].map((text) => `PUB work.pace 1\r\n${text}\r\n`);
    socket.end(`${CONNECT}${frames.join("")}`);
    expect((await rig.tap.waitFor(3)).map(({ text }) => text)).toEqual(["a", "b", "c"]);
    socket.destroy();
  });

  it.each([
    [false, "-ERR 'maximum connections exceeded'\r\n"],
    [true, ""],
  ])(
    "is counted like any client, and let go when it never begins its handshake; first of all: %s",
    async (first, said) => {
      issueServer(authority);
      const tls = {
        certFile: join(files.path, "server.pem"),
        keyFile: join(files.path, "server.key"),
        handshakeFirst: first,
      };
      const limits = { connectionCountMax: 1, clientConnectMs: 500, lingerMs: 50, drainMs: 100 };
      const rig = await startRig({ rego: ALLOW_ALL, config: { listeners: [{ kind: "tcp", port: 0, tls }], limits } });
      rigs.push(rig);
      const silent = await rawConnect(rig.port);
      await eventually(async () => isOpen(rig), { what: "the first connection" });
      const second = await rawConnect(rig.port);
      await second.waitForClose();
      expect(second.received()).toBe(said);
      await silent.waitForClose();
      const options = { ...trusting(rig), tls: { ca: authority.certificatePem, handshakeFirst: first } };
      const agent = await eventually(async () => connect(options), { what: "a free place" });
      expect(agent.isClosed()).toBe(false);
      await agent.close();
    },
  );
});

async function isOpen(rig: Rig): Promise<boolean> {
  const text = await (await fetch(`http://${rig.sidecar.adminAddress}/metrics`)).text();
  return /^cortexos_connections 1$/m.test(text);
}

describe("a listener that asks for certificates", () => {
  const client = (by: typeof authority): { readonly cert: string; readonly key: string } => {
    const { certificatePem, keyPem } = by.issue("agent-7");
    return { cert: certificatePem, key: keyPem };
  };

  it.each([false, true])(
    "lets in who shows one of its authority's, and nobody else; first of all: %s",
    async (first) => {
      const rig = await start({ clientCaFile: join(files.path, "authority.pem"), handshakeFirst: first });
      const tls = { ca: authority.certificatePem, handshakeFirst: first };
      for (const shown of [{}, client(stranger)]) {
        await expect(connect({ ...trusting(rig), tls: { ...tls, ...shown } })).rejects.toThrow(/./);
      }
      expect(await published(rig)).toEqual([]);
      const agent = await connect({ ...trusting(rig), tls: { ...tls, ...client(authority) } });
      expect(agent.info).toMatchObject({ tls_required: true, tls_verify: true });
      agent.publish("work.known", "hi");
      await agent.flush();
      await agent.close();
      expect(await published(rig)).toEqual(["work.known hi"]);
    },
  );
});

describe("new certificates", () => {
  it("count for new connections as soon as their files change, and close none that is there", async () => {
    const rig = await start();
    const before = await connect(trusting(rig));
    issueServer(stranger);
    const after = await eventually(async () => connect(trusting(rig, stranger.certificatePem)), { what: "the change" });
    await expect(connect(trusting(rig))).rejects.toThrow(/certificate|issuer/i);
    before.publish("work.before", "hi");
    await before.flush();
    expect(before.isClosed()).toBe(false);
    expect(await published(rig)).toEqual(["work.before hi"]);
    await Promise.all([before.close(), after.close()]);
  });

  it("that don't fit each other leave the last good ones in place, and the log says so", async () => {
    const rig = await start();
    writeFileSync(join(files.path, "server.key"), authority.issue("localhost").keyPem);
    await rig.sidecar.reload();
    expect(JSON.stringify(rig.logged())).toContain("the last good ones stay");
    await (await connect(trusting(rig))).close();
  });
});
