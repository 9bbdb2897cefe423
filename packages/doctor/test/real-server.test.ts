import { createTempDir, freePort, rawConnect, startNatsServer, type NatsServer, type TempDir } from "@cortexos/devkit";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { examine, readMonitor, readNatsConfig, type Report } from "../src/index.ts";

const PROXY_KEY = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";
const TRUSTED = `proxies { trusted = [ {key: ${PROXY_KEY}} ] }`;

let server: NatsServer | undefined;
let folder: TempDir | undefined;

afterEach(async () => {
  await server?.stop();
  folder?.remove();
});

/** Starts a server and examines it, by its monitoring and the very text that it was started with. */
async function examineReal(configText: string, syncAlways: boolean): Promise<Report> {
  server = await startNatsServer({ monitoring: true, syncAlways, configText });
  folder = createTempDir("doctor");
  const path = join(folder.path, "nats.conf");
  writeFileSync(path, configText);
  return examine({
    ...(await readMonitor(server.monitoringUrl ?? "")),
    config: readNatsConfig(path, {}),
    ownUsers: ["sidecar"],
    audit: { stream: "CORTEXOS_AUDIT", subject: "sys.audit.event" },
  });
}

async function answerTo(connect: object): Promise<string> {
  const client = await rawConnect(server?.port ?? 0);
  await client.write(`CONNECT ${JSON.stringify(connect)}\r\nPING\r\n`);
  const answer = await client.waitFor(/PONG\r\n|-ERR[^\r]*\r\n/);
  client.close();
  return answer;
}

describe("examine, on a real server", () => {
  it("finds each way into an open server, and there is one", async () => {
    const [websocket, mqtt, leaf] = [await freePort(), await freePort(), await freePort()];
    const report = await examineReal(
      `server_name: open\nwebsocket { port: ${websocket}, no_tls: true }\nmqtt { port: ${mqtt} }\nleafnodes { port: ${leaf} }`,
      false,
    );
    expect(report.findings.map(({ id }) => id)).toEqual([
      "server.open",
      "server.no_trusted_proxy",
      "listener.websocket",
      "listener.mqtt",
      "listener.leaf",
      "jetstream.sync_interval",
      "audit.missing",
    ]);
    expect(report.server).toMatchObject({ name: "open", payloadBytesMax: 1_048_576 });
    expect(await answerTo({ verbose: false })).toContain("PONG");
  });

  it("finds nothing in a closed one, and an agent's own credentials don't get in", async () => {
    const users = "users: [ {user: agent, password: a, proxy_required: true}, {user: sidecar, password: s} ]";
    const report = await examineReal(`${TRUSTED}\nauthorization { ${users} }`, true);
    expect(report.findings.map(({ id }) => id)).toEqual(["audit.missing"]);
    expect(await answerTo({ verbose: false, user: "agent", pass: "a" })).toContain("Authorization Violation");
  });

  it("finds the setting that the server ignores, and the way that it leaves open", async () => {
    const users = "proxy_required: true, users: [ {user: agent, password: a} ]";
    const report = await examineReal(`${TRUSTED}\nauthorization { ${users} }`, true);
    expect(report.findings.map(({ id }) => id)).toEqual(["user.free", "user.ignored_setting", "audit.missing"]);
    expect(await answerTo({ verbose: false, user: "agent", pass: "a" })).toContain("PONG");
  });

  it("says in one line who doesn't answer, or isn't a nats-server", async () => {
    await expect(readMonitor(`http://127.0.0.1:${await freePort()}`)).rejects.toMatchObject({ code: "doctor.monitor" });
    await expect(readMonitor("nats://127.0.0.1:4222")).rejects.toThrow("no http address");
    expect(() => readNatsConfig("/nowhere/nats.conf", {})).toThrow("can't read /nowhere/nats.conf");
  });
});
