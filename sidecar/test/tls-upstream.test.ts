import {
  createCertificateAuthority,
  createTempDir,
  eventually,
  rawConnect,
  startNatsServer,
  type NatsServer,
  type NatsServerTls,
  type TempDir,
} from "@cortexos/devkit";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startRecordingUpstream } from "./recording-upstream.ts";
import { startRig, type Rig } from "./sidecar-rig.ts";
import { ALLOW_ALL } from "./test-bundle.ts";

const authority = createCertificateAuthority();
const stranger = createCertificateAuthority("Another authority");

let files: TempDir;
const file = (name: string): string => join(files.path, name);
beforeAll(() => {
  files = createTempDir("tls-upstream");
  writeFileSync(file("authority.pem"), authority.certificatePem);
  writeFileSync(file("stranger.pem"), stranger.certificatePem);
  issueClient();
});
afterAll(() => {
  files.remove();
});

function issueClient(by = authority): void {
  const { certificatePem, keyPem } = by.issue("sidecar");
  writeFileSync(file("client.pem"), certificatePem);
  writeFileSync(file("client.key"), keyPem);
}

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

async function startSecured(tls: Partial<NatsServerTls> = {}): Promise<NatsServer> {
  const server = await startNatsServer({ tls: { certificate: authority.issue("localhost", "127.0.0.1"), ...tls } });
  stops.push(async () => server.stop());
  return server;
}

/** A sidecar that connects to this server; the rig's own server, which nobody uses, has the tap. */
async function startFor(url: string, tls: object | undefined): Promise<Rig> {
  const rig = await startRig({
    rego: ALLOW_ALL,
    nats: { jetStream: false },
    config: { upstream: { urls: [url], ...(tls && { tls }) }, limits: { drainMs: 200 } },
  });
  stops.push(async () => rig.stop());
  return rig;
}

/** What comes back of a publish through the sidecar, from a client without TLS, once the sidecar's own connection is up too. */
async function echoed(rig: Rig): Promise<string> {
  const agent = await connect({ servers: rig.url, reconnect: false });
  if ((agent.info?.tls_required ?? agent.info?.tls_available ?? false) !== false) return "INFO tells of TLS";
  const echo = agent.subscribe("work.a", { max: 1 });
  agent.publish("work.a", "hi");
  let text = "";
  for await (const message of echo) text = message.string();
  await agent.close();
  await eventually(() => rig.sidecar.readiness()["upstream"]?.ok === true, { what: "the sidecar's own connection" });
  return text;
}

/** Why no client is served, as the log says. */
async function refusal(rig: Rig): Promise<string> {
  const client = await rawConnect(rig.port);
  await client.waitForClose();
  if (client.received() !== "" || rig.sidecar.readiness()["upstream"]?.ok === true) return "not refused";
  return JSON.stringify(rig.logged().filter(({ msg }) => msg === "a client can't be served"));
}

describe("an upstream with TLS", () => {
  it.each([
    ["after INFO", false],
    ["before INFO", true],
  ])("is used by clients that have none: TLS %s", async (_, handshakeFirst) => {
    const server = await startSecured({ handshakeFirst });
    expect(await echoed(await startFor(server.url, { caFile: file("authority.pem"), handshakeFirst }))).toBe("hi");
  });

  it("is told to JetStream's users and to the records' stream alike", async () => {
    const server = await startSecured();
    const rig = await startRig({
      rego: ALLOW_ALL,
      nats: { jetStream: false },
      config: {
        upstream: { urls: [server.url], tls: { caFile: file("authority.pem") } },
        records: { kind: "jetstream", stream: "CORTEXOS_AUDIT", subject: "sys.audit.event" },
      },
    });
    stops.push(async () => rig.stop());
    await eventually(async () => (await rig.admin("GET", "/readyz")).status === 200, { what: "ready" });
    const agent = await connect({ servers: rig.url });
    await (await jetstreamManager(agent)).streams.add({ name: "S", subjects: ["js.>"], storage: "memory" });
    expect((await jetstream(agent).publish("js.a", "x")).seq).toBe(1);
    await agent.close();
  });

  it("is not used when another authority vouches for it", async () => {
    const server = await startSecured();
    const rig = await startFor(server.url, { caFile: file("stranger.pem") });
    expect(await refusal(rig)).toMatch(/unable to verify|self.signed|issuer/);
  });

  it("is not used under another name than its certificate's, unless that name is configured", async () => {
    const server = await startSecured({ certificate: authority.issue("nats.internal") });
    const tls = { caFile: file("authority.pem") };
    expect(await refusal(await startFor(server.url, tls))).toMatch(/altnames|does not match/);
    expect(await echoed(await startFor(server.url, { ...tls, serverName: "nats.internal" }))).toBe("hi");
  });

  it("is shown the sidecar's certificate where it asks for one", async () => {
    const server = await startSecured({ clientAuthorityPem: authority.certificatePem });
    const tls = { caFile: file("authority.pem") };
    const without = await startFor(server.url, tls);
    await expect(connect({ servers: without.url, reconnect: false })).rejects.toThrow(/refused|clos/i);
    expect(without.sidecar.readiness()["upstream"]?.ok).toBe(false);
    expect(
      await echoed(await startFor(server.url, { ...tls, certFile: file("client.pem"), keyFile: file("client.key") })),
    ).toBe("hi");
  });

  it("is shown a new certificate as soon as its files change, while the connections with the old one stay", async () => {
    const server = await startSecured({ clientAuthorityPem: authority.certificatePem });
    const tls = { caFile: file("authority.pem"), certFile: file("client.pem"), keyFile: file("client.key") };
    issueClient(authority);
    const rig = await startFor(server.url, tls);
    const before = await connect({ servers: rig.url, reconnect: false });
    issueClient(stranger);
    const refused = async (): Promise<boolean> => {
      const attempt = connect({ servers: rig.url, reconnect: false });
      return attempt.then(
        async (agent) => agent.close().then(() => false),
        () => true,
      );
    };
    await eventually(refused, { what: "a refusal of the new certificate" });
    await before.flush();
    issueClient(authority);
    await eventually(async () => !(await refused()), { what: "the next certificate" });
    expect(before.isClosed()).toBe(false);
    await before.close();
  });
});

describe("a plain upstream", () => {
  const tls = { caFile: "" };
  beforeAll(() => {
    tls.caFile = file("authority.pem");
  });

  it("is sent nothing where TLS is configured, however it answers", async () => {
    const upstream = await startRecordingUpstream();
    stops.push(async () => upstream.stop());
    for (const handshakeFirst of [false, true]) {
      const rig = await startFor(upstream.url, { ...tls, handshakeFirst });
      expect(await refusal(rig)).toMatch(/offers no TLS|packet|wrong version|closed|timeout/);
    }
    expect(upstream.received().join("")).not.toMatch(/CONNECT/);
  });

  it("that requires TLS is told no credentials where none is configured", async () => {
    const upstream = await startRecordingUpstream({ tls_required: true });
    stops.push(async () => upstream.stop());
    const rig = await startFor(upstream.url, undefined);
    const client = await rawConnect(rig.port);
    await client.write('CONNECT {"verbose":false,"user":"a","pass":"s3cret-canary"}\r\nPING\r\n');
    await client.waitForClose();
    expect(upstream.received().join("")).toBe("");
    expect(JSON.stringify(rig.logged())).toContain("the server requires TLS: configure upstream.tls");
  });
});
