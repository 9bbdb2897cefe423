import {
  createTempDir,
  eventually,
  freePort,
  rawConnect,
  startNatsServer,
  startProcess,
  tap,
  type NatsServer,
  type RunningProcess,
  type TempDir,
} from "@cortexos/devkit";
import { connect } from "@nats-io/transport-node";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ALLOW_ALL, buildTestBundle, BY_LAST_TOKEN, type TestBundle } from "./test-bundle.ts";

/** Runs what was built: a process can't read the sources. */
const BIN = resolve(import.meta.dirname, "..", "bin", "cortexos-sidecar.mjs");
const RSS_BYTES_MAX = 150_000_000;

describe("cortexos-sidecar", () => {
  let nats: NatsServer;
  let folder: TempDir;
  let bundle: TestBundle;
  let running: RunningProcess | undefined;
  let ports = { client: 0, admin: 0 };

  beforeAll(async () => {
    nats = await startNatsServer();
    folder = createTempDir("process");
    bundle = await buildTestBundle(join(folder.path, "sources"), BY_LAST_TOKEN);
    writeFileSync(join(folder.path, "bundle.tar.gz"), bundle.bytes);
    writeFileSync(join(folder.path, "key.pem"), bundle.publicKeyPem);
    writeFileSync(join(folder.path, "token"), "canary-token-of-an-approver\n");
  });
  afterAll(async () => {
    await nats.stop();
    folder.remove();
  });
  afterEach(async () => {
    await running?.stop();
    running = undefined;
  });

  async function configFile(changes: Readonly<Record<string, unknown>> = {}): Promise<string> {
    ports = { client: await freePort(), admin: await freePort() };
    const config = {
      listeners: [{ kind: "tcp", port: ports.client }],
      upstream: { urls: [nats.url] },
      caller: { principal: { id: "agent-7", tenant: "acme" }, environment: "dev" },
      bundle: { path: "bundle.tar.gz", trustedKeys: [{ keyId: bundle.keyId, publicKeyFile: "key.pem" }] },
      admin: {
        port: ports.admin,
        approvers: [
          { tokenFile: "token", principal: { id: "ada", kind: "human", roles: ["SRE_LEAD"], tenant: "acme" } },
        ],
      },
      ...changes,
    };
    const file = join(folder.path, "sidecar.json");
    writeFileSync(file, JSON.stringify(config));
    return file;
  }

  async function start(changes: Readonly<Record<string, unknown>> = {}): Promise<RunningProcess> {
    running = await startProcess(process.execPath, [BIN, "--config", await configFile(changes)], { ready: /"ready"/ });
    return running;
  }

  /** Runs to the end: what it wrote, and its exit code. */
  async function run(
    ...args: readonly string[]
  ): Promise<{ readonly code: number | null; readonly out: string; readonly error: string }> {
    const ended = await startProcess(process.execPath, [BIN, ...args]);
    const { code } = await ended.ended;
    return { code, out: ended.stdout(), error: ended.stderr() };
  }

  it("is ready soon, and small while it is idle", async () => {
    const sidecar = await start();
    const answer = await fetch(`http://127.0.0.1:${ports.admin}/readyz`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ checks: { records: { detail: "stream CORTEXOS_AUDIT" } } });
    const pages = Number(readFileSync(`/proc/${sidecar.pid}/statm`, "utf8").split(" ")[1]);
    expect(pages * 4_096).toBeLessThan(RSS_BYTES_MAX);
  });

  it("drains and ends with 0 on SIGTERM", async () => {
    const sidecar = await start();
    const client = await rawConnect(ports.client);
    await client.waitFor(/INFO \{.*\}\r\n/);
    const behind = await tap(nats.url, "work.>");
    await client.write('CONNECT {"verbose":false,"protocol":1}\r\nPUB work.pace 1\r\na\r\nPUB work.pace 1\r\nb\r\n');
    await behind.waitFor(1);
    sidecar.signal("SIGTERM");
    expect(await sidecar.ended).toMatchObject({ code: 0 });
    expect((await behind.waitFor(2)).map(({ text }) => text)).toEqual(["a", "b"]);
    await behind.close();
    client.close();
  });

  it("loads the bundle again on SIGHUP", async () => {
    const path = join(folder.path, "changing.tar.gz");
    writeFileSync(path, bundle.bytes);
    const trustedKeys = [{ keyId: bundle.keyId, publicKeyFile: "key.pem" }];
    const sidecar = await start({ bundle: { path, trustedKeys, watch: false } });
    const next = await buildTestBundle(join(folder.path, "next"), ALLOW_ALL, { revision: 2 });
    writeFileSync(path, next.bytes);
    sidecar.signal("SIGHUP");
    const [line] = await sidecar.waitForLog(new RegExp(`"digest":"${next.digest}","revision":2`));
    expect(line).toContain(next.digest);
  });

  it("writes no payload and no secret into its log, at any level", async () => {
    const sidecar = await start({ log: { level: "trace" } });
    const agent = await connect({ servers: `nats://127.0.0.1:${ports.client}` });
    for (const outcome of ["allow", "deny", "hold", "mod"])
      agent.publish(`work.${outcome}`, '{"secret":"canary-payload"}');
    await agent.flush();
    await agent.close();
    await eventually(() => sidecar.log().includes('"not released"'), { what: "a refusal in the log" });
    expect(sidecar.log()).not.toMatch(/canary/);
  });

  it("prints the configuration in force, with secrets only as paths", async () => {
    const { code, out } = await run("--config", await configFile(), "--print-config");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      limits: { holdWaitMs: 2_000 },
      admin: { approvers: [{ tokenFile: join(folder.path, "token") }] },
    });
    expect(out).not.toContain("canary");
  });

  it.each([
    ["no --config", () => [], /--config <file> is missing \(arguments\.invalid/],
    ["an unknown option", () => ["--confg", "x"], /arguments\.invalid/],
    [
      "a configuration that isn't there",
      () => ["--config", "none.json"],
      /can't read the configuration.*none\.json.*config\.unreadable/,
    ],
  ])("ends in one line with %s", async (_, args, line) => {
    const { code, error, out } = await run(...args());
    expect([code, out]).toEqual([1, ""]);
    expect(error).toMatch(line);
    expect(error.match(/\n/g)).toHaveLength(1);
  });

  it.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ["a wrong key", { listenres: [] }, /unknown key `listenres`.*config\.invalid/],
    [
      "a token that isn't there",
      { admin: { approvers: [{ tokenFile: "none", principal: { id: "a", tenant: "t" } }] } },
      /none.*secret\.unreadable/,
    ],
    [
      "a trusted key that isn't there",
      { bundle: { path: "b", trustedKeys: [{ keyId: "k", publicKeyFile: "none.pem" }] } },
      /none\.pem.*bundle\.key/,
    ],
    [
      "a trusted key that isn't there, with records in a stream of an upstream that isn't there",
      {
        bundle: { path: "b", trustedKeys: [{ keyId: "k", publicKeyFile: "none.pem" }] },
        records: { kind: "jetstream", stream: "S", subject: "s" },
      },
      /none\.pem.*bundle\.key/,
    ],
    [
      "a trusted key that is none",
      { bundle: { path: "b", trustedKeys: [{ keyId: "k", publicKeyFile: import.meta.filename }] } },
      /process\.test\.ts: no public key in PEM.*bundle\.key/,
    ],
    [
      "a record file that can't be written",
      { records: { kind: "file", path: "no/such/folder" } },
      /no\/such\/folder.*records\.unavailable/,
    ],
  ])("ends in one line with %s", async (_, changes, line) => {
    const { code, error } = await run("--config", await configFile(changes));
    expect(code).toBe(1);
    expect(error).toMatch(line);
    expect(error.match(/\n/g)).toHaveLength(1);
  });

  it.each(["client", "admin"] as const)("ends in one line when its %s port is in use", async (which) => {
    const file = await configFile();
    const squatter = createServer();
    await new Promise<void>((done) => {
      squatter.listen(ports[which], "127.0.0.1", done);
    });
    const { code, error } = await run("--config", file);
    squatter.close();
    expect(code).toBe(1);
    expect(error).toMatch(new RegExp(`can't listen on 127\\.0\\.0\\.1:${ports[which]}: something else listens there`));
    expect(error.match(/\n/g)).toHaveLength(1);
  });
});
