import { createCertificateAuthority, createTempDir, rawConnect, type TempDir } from "@cortexos/devkit";
import { connect, type ConnectionOptions } from "@nats-io/transport-node";
import { writeFileSync } from "node:fs";
import { connect as openSocket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startRig, type Rig } from "./sidecar-rig.ts";

/** Each may publish to what has its id in it. */
const BY_PRINCIPAL = `# METADATA
# title: By principal
# description: Allows a principal its own subjects.
package cortexos.rules.test.by_principal

allow contains {"reason": "its own subject"} if input.message.tokens[1] == input.principal.id
`;

const authority = createCertificateAuthority();

let files: TempDir;
beforeAll(() => {
  files = createTempDir("tls-callers");
  const { certificatePem, keyPem } = authority.issue("localhost", "127.0.0.1");
  writeFileSync(join(files.path, "authority.pem"), authority.certificatePem);
  writeFileSync(join(files.path, "server.pem"), certificatePem);
  writeFileSync(join(files.path, "server.key"), keyPem);
});
afterAll(() => {
  files.remove();
});

function callerConfig(id: string): object {
  return { principal: { id, tenant: "acme" }, environment: "dev" };
}

async function start(handshakeFirst: boolean): Promise<Rig> {
  const tls = {
    certFile: join(files.path, "server.pem"),
    keyFile: join(files.path, "server.key"),
    clientCaFile: join(files.path, "authority.pem"),
    handshakeFirst,
    callers: [
      { certificate: "URI:spiffe://acme/one", caller: callerConfig("one") },
      { certificate: "DNS:two.acme", caller: callerConfig("two") },
    ],
  };
  const unix = { kind: "unix", path: join(files.path, `${handshakeFirst}.sock`), caller: callerConfig("three") };
  const listeners = [{ kind: "tcp", port: 0, tls }, unix, { kind: "tcp", port: 0 }];
  return startRig({ rego: BY_PRINCIPAL, config: { listeners, limits: { drainMs: 200 } } });
}

describe.each([false, true])("a listener that maps certificates; TLS first of all: %s", (handshakeFirst) => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await start(handshakeFirst);
  });
  afterAll(async () => {
    await rig.stop();
  });

  function showing(...names: readonly [string, ...string[]]): ConnectionOptions {
    const { certificatePem: cert, keyPem: key } = authority.issue(...names);
    const tls = { ca: authority.certificatePem, cert, key, handshakeFirst };
    return { servers: `localhost:${rig.port}`, tls, reconnect: false, user: "two", name: "two" };
  }

  it.each([
    ["spiffe://acme/one", "one", "spiffe"],
    ["two.acme", "two", "tls"],
  ])("knows who shows %s, whatever else it says", async (name, id, authenticatedBy) => {
    rig.tap.clear();
    const agent = await connect(showing(name));
    for (const other of ["one", "two", "three", "agent-7"]) agent.publish(`work.${other}`, "x");
    await agent.flush();
    await agent.close();
    expect((await rig.tap.flushed()).map(({ subject }) => subject)).toEqual([`work.${id}`]);
    const decisions = rig.sidecar.recentRecords().filter((record) => record.type === "decision");
    expect(decisions.at(-1)?.input.principal).toMatchObject({ id, authenticated_by: authenticatedBy });
  });

  it.each<[string, readonly [string, ...string[]]]>([
    ["a name that is mapped to nobody", ["spiffe://acme/three"]],
    ["a name that only begins like one", ["spiffe://acme/one/more"]],
    ["the same name as another kind", ["two.acme.example", "spiffe://two.acme"]],
    ["a wildcard", ["*.acme"]],
    ["two names, each somebody's", ["spiffe://acme/one", "two.acme"]],
    ["one name that would pass for two", ["x, URI:spiffe://acme/one, DNS:y"]],
  ])("refuses who shows %s", async (_, names) => {
    rig.tap.clear();
    await expect(connect(showing(...names))).rejects.toThrow(/Authorization Violation/i);
    expect(await rig.tap.flushed()).toEqual([]);
    const violations = rig.sidecar.recentRecords().filter((record) => record.type === "violation");
    expect(violations.at(-1)).toMatchObject({ code: "wire.connect_refused" });
  });

  it("is one listener: another has its own caller, or the sidecar's", async () => {
    rig.tap.clear();
    const frames = ["one", "three", "agent-7"].map((id) => `PUB work.${id} 1\r\nx\r\n`).join("");
    const socket = openSocket(join(files.path, `${handshakeFirst}.sock`));
    socket.write(`CONNECT {"verbose":false,"protocol":1}\r\n${frames}`);
    await rig.tap.waitFor(({ subject }) => subject === "work.three");
    socket.destroy();
    const [, , plain] = rig.sidecar.listeners;
    const client = await rawConnect(plain?.kind === "tcp" ? plain.port : 0);
    await client.write(`CONNECT {"verbose":false,"protocol":1}\r\n${frames}PING\r\n`);
    await client.waitFor("PONG\r\n");
    client.close();
    expect((await rig.tap.flushed()).map(({ subject }) => subject)).toEqual(["work.three", "work.agent-7"]);
  });
});
