import { createTempDir, eventually, rawConnect, type NatsServerOptions, type TempDir } from "@cortexos/devkit";
import { connect, nkeyAuthenticator, nkeys, type NatsConnection } from "@nats-io/transport-node";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect as connectV2 } from "nats";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startRig, type Rig } from "./sidecar-rig.ts";
import { ALLOW_ALL, BY_LAST_TOKEN } from "./test-bundle.ts";

const trusted = nkeys.createServer();
const stranger = nkeys.createServer();
const agentKey = nkeys.createUser();

/** Only `watcher` may come without a proof; who comes without credentials is `watcher`. */
function serverConfig(keys: readonly (typeof trusted)[]): string {
  return `
    proxies { trusted = [${keys.map((key) => `{ key: ${key.getPublicKey()} }`).join(", ")}] }
    no_auth_user: watcher
    authorization { users = [
      { user: alice, password: "pw", proxy_required: true },
      { nkey: ${agentKey.getPublicKey()}, proxy_required: true },
      { user: gate, password: "own", proxy_required: true },
      { user: watcher, password: "w" }
    ] }`;
}

let secrets: TempDir;
beforeAll(() => {
  secrets = createTempDir("proxy-keys");
  for (const [name, key] of Object.entries({ trusted, stranger })) {
    writeFileSync(join(secrets.path, name), `${Buffer.from(key.getSeed()).toString()}\n`);
  }
  writeFileSync(join(secrets.path, "own"), "own\n");
});
afterAll(() => {
  secrets.remove();
});

const rigs: Rig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.stop();
});

interface Choices {
  readonly keyFile?: "trusted" | "stranger";
  readonly nats?: NatsServerOptions;
  readonly rego?: string;
  readonly config?: Readonly<Record<string, unknown>>;
}

async function start({ keyFile, nats, rego = ALLOW_ALL, config = {} }: Choices): Promise<Rig> {
  const server = nats ?? { configText: serverConfig([trusted]), monitoring: true };
  const upstream = (url: string): Readonly<Record<string, unknown>> => ({
    urls: [url],
    ownCredentials: { kind: "password", user: "gate", passwordFile: join(secrets.path, "own") },
    ...(keyFile !== undefined && { proxy: { seedFile: join(secrets.path, keyFile) } }),
  });
  const rig = await startRig({ rego, nats: server, upstream, config: { limits: { drainMs: 200 }, ...config } });
  rigs.push(rig);
  return rig;
}

/** A publish of one's own, seen behind the gate; and a request that somebody answers. */
async function use(rig: Rig, agent: NatsConnection): Promise<void> {
  const echo = agent.subscribe("work.echo", { callback: (_, message) => void message.respond(message.data) });
  const answer = await agent.request("work.echo", "hi");
  expect(answer.string()).toBe("hi");
  echo.unsubscribe();
  await agent.close();
  expect((await rig.tap.flushed()).map(({ subject }) => subject)).toContain("work.echo");
}

describe("a user with proxy_required", () => {
  it("is refused when it connects directly, and served through the sidecar", async () => {
    const rig = await start({ keyFile: "trusted" });
    const credentials = { user: "alice", pass: "pw", reconnect: false };
    await expect(connect({ servers: rig.nats.url, ...credentials })).rejects.toThrow(/Authorization Violation/);
    await use(rig, await connect({ servers: rig.url, ...credentials }));
  });

  it("is refused directly and served through the sidecar with its nkey, whose own signature passes through", async () => {
    const rig = await start({ keyFile: "trusted" });
    const options = { authenticator: nkeyAuthenticator(agentKey.getSeed()), reconnect: false };
    await expect(connect({ servers: rig.nats.url, ...options })).rejects.toThrow(/Authorization Violation/);
    await use(rig, await connect({ servers: rig.url, ...options }));
  });

  it("is served with the older client as well", async () => {
    const rig = await start({ keyFile: "trusted" });
    const credentials = { user: "alice", pass: "pw", reconnect: false };
    await expect(connectV2({ servers: rig.nats.url, ...credentials })).rejects.toThrow(/Authorization Violation/);
    const agent = await connectV2({ servers: rig.url, ...credentials });
    agent.subscribe("work.echo", { callback: (_, message) => void message.respond(message.data) });
    expect((await agent.request("work.echo", Buffer.from("hi"))).string()).toBe("hi");
    await agent.close();
  });

  it.each([
    ["a key that the server doesn't trust", "stranger", "Proxy Not Trusted"],
    ["no key", undefined, "Proxy Required"],
  ] as const)("is refused through a sidecar with %s", async (_, keyFile, reason) => {
    const rig = await start({ ...(keyFile !== undefined && { keyFile }) });
    await expect(connect({ servers: rig.url, user: "alice", pass: "pw", reconnect: false })).rejects.toThrow(
      /Authorization Violation/,
    );
    const closed = await (await fetch(`${rig.nats.monitoringUrl}/connz?state=closed`)).text();
    expect(closed).toContain(`"reason": "${reason}"`);
    expect((await rig.tap.flushed()).filter(({ subject }) => !subject.startsWith("$SYS."))).toEqual([]);
  });

  it("is refused with a wrong password although the sidecar signs", async () => {
    const rig = await start({ keyFile: "trusted" });
    await expect(connect({ servers: rig.url, user: "alice", pass: "x", reconnect: false })).rejects.toThrow(
      /Authorization Violation/,
    );
  });

  it("can't bring a proof of its own: the sidecar's stands in its place", async () => {
    const rig = await start({ keyFile: "trusted" });
    const agent = await rawConnect(rig.port);
    await agent.waitFor(/INFO .*\r\n/);
    await agent.write('CONNECT {"verbose":false,"user":"alice","pass":"pw","proxy_sig":"x"}\r\nPING\r\n');
    await expect(agent.waitFor("PONG\r\n")).resolves.not.toContain("-ERR");
    agent.close();
  });
});

describe("the sidecar's proof", () => {
  it("is shown by the sidecar's own connection too, for records and held messages", async () => {
    const records = { kind: "jetstream", stream: "CORTEXOS_AUDIT", subject: "sys.audit.event" };
    const rig = await start({ keyFile: "trusted", rego: BY_LAST_TOKEN, config: { records } });
    await eventually(async () => (await rig.admin("GET", "/readyz")).status === 200, { what: "ready" });
    const agent = await connect({ servers: rig.url, user: "alice", pass: "pw" });
    agent.publish("work.hold", "x");
    await agent.flush();
    const { body } = await rig.admin("GET", "/v1/approvals");
    const [{ id } = { id: "" }] = body["approvals"] as readonly { readonly id: string }[];
    await rig.admin("POST", `/v1/approvals/${id}/approve`);
    const messages = await rig.tap.waitFor(({ subject }) => subject === "work.hold");
    expect(messages.map(({ text }) => text)).toContain("x");
    await agent.close();
  });

  it("is worth nothing once the server trusts the key no more: connections are cut and none is let in", async () => {
    const rig = await start({ keyFile: "trusted" });
    const agent = await connect({ servers: rig.url, user: "alice", pass: "pw", reconnectTimeWait: 20 });
    const seen: string[] = [];
    void (async () => {
      for await (const { type } of agent.status()) seen.push(type);
    })();
    await rig.nats.reload(serverConfig([stranger]));
    await eventually(() => seen.includes("disconnect"), { what: "the cut" });
    await expect(connect({ servers: rig.url, user: "alice", pass: "pw", reconnect: false })).rejects.toThrow(
      /Authorization Violation/,
    );
    await rig.nats.reload(serverConfig([trusted, stranger]));
    await eventually(() => rig.sidecar.readiness()["upstream"]?.ok === true, { what: "the sidecar's own connection" });
    const again = await connect({ servers: rig.url, user: "alice", pass: "pw" });
    await Promise.all([again.close(), agent.close()]);
  });

  it("isn't asked for by a server that trusts no proxy: such a server is not used, and the log says why", async () => {
    const rig = await start({ keyFile: "trusted", nats: { configText: "" } });
    const agent = await rawConnect(rig.port);
    await agent.waitForClose();
    expect(agent.received()).toBe("");
    expect(JSON.stringify(rig.logged())).toContain("name the key of upstream.proxy in its proxies.trusted");
  });

  it("leaves no part of the seed in a log, a record or an answer", async () => {
    const rig = await start({ keyFile: "trusted", config: { log: { level: "trace" } } });
    const agent = await rawConnect(rig.port);
    await agent.waitFor(/INFO .*\r\n/);
    await agent.write('CONNECT {"verbose":false,"user":"alice","pass":"pw"}\r\nPUB work.a 1\r\nx\r\nPING\r\n');
    await agent.waitFor("PONG\r\n");
    const told = JSON.stringify([rig.logged(), rig.sidecar.recentRecords(), agent.received()]);
    agent.close();
    expect(told).not.toContain(Buffer.from(trusted.getSeed()).toString().slice(2, 20));
    expect(told).not.toContain("proxy_sig");
  });
});
