import { eventually, freePort, rawConnect, startTcpProxy, type TcpProxy } from "@cortexos/devkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONNECT, greeted, openAttackField, type AttackField } from "./attack-field.ts";
import { startRecordingUpstream, type RecordingUpstream } from "./recording-upstream.ts";
import { startRig, type Rig } from "./sidecar-rig.ts";
import { ALLOW_ALL, BY_LAST_TOKEN } from "./test-bundle.ts";

const PUB = "PUB work.a 2\r\nhi\r\n";
const CANARY = "s3cret-canary";

const connects: readonly (readonly [shows: string, json: string])[] = [
  ["a key twice", '{"user":"agent","user":"admin"}'],
  ["a key twice, once escaped", '{"user":"agent","u\\u0073er":"admin"}'],
  ["a key in another case", '{"user":"agent","USER":"admin"}'],
  ["a known key in another case alone", '{"User":"admin"}'],
  ["a key that folds to a known one", '{"u\xc5\xbfer":"admin"}'],
  ["a flag that is a text", '{"verbose":"false"}'],
  ["a name that is a number", '{"name":7}'],
  ["an unknown protocol", '{"protocol":2}'],
  ["half a surrogate pair", '{"name":"\\ud800"}'],
  ["bytes that aren't UTF-8", '{"name":"\xff"}'],
  ["a byte order mark", '\xef\xbb\xbf{"verbose":false}'],
  ["two objects", "{}{}"],
  ["a list", "[]"],
  ["no JSON", "{"],
  ["nothing", ""],
];

describe("an attack on the identity", () => {
  let field: AttackField;
  beforeAll(async () => {
    field = await openAttackField();
  });
  afterAll(async () => {
    await field.stop();
  });

  it.each([
    ["a publish before CONNECT, all in one segment", `${PUB}${CONNECT}${PUB}`],
    ["a publish with headers before CONNECT", `HPUB work.a 12 14\r\nNATS/1.0\r\n\r\nhi\r\n${CONNECT}${PUB}`],
    ["a subscription before CONNECT", `SUB > 1\r\n${CONNECT}${PUB}`],
    ["a publish after PING and before CONNECT", `PING\r\n${PUB}${CONNECT}${PUB}`],
  ])("ends the connection, which has no identity by default: %s", async (_, bytes) => {
    const end = await field.attack({ chunks: [bytes], greets: false, until: "closed" });
    expect(end.violations).toEqual(["wire.before_connect"]);
    expect(end.delivered).toEqual([]);
    expect(end.received).not.toMatch(/^MSG/m);
  });

  it.each(connects)("ends the connection, since another reader may take it for another client: %s", async (_, json) => {
    const end = await field.attack({ chunks: [`CONNECT ${json}\r\n${PUB}`], greets: false, until: "closed" });
    expect(end.violations).toEqual([json === "" ? "wire.arguments" : "wire.connect"]);
    expect(end.delivered).toEqual([]);
  });

  it.each([
    ["the same one", CONNECT],
    ["another user's", 'CONNECT {"user":"admin","pass":"x"}\r\n'],
    ["one that isn't even JSON", "CONNECT {\r\n"],
  ])("by a second CONNECT ends the connection: %s", async (_, second) => {
    const end = await field.attack({ chunks: [`${PUB}${second}${PUB}`], until: "closed" });
    expect(end.violations).toEqual(["wire.second_connect"]);
    expect(end.delivered).toHaveLength(1);
  });

  it("leaves the caller in every record what the configuration says", async () => {
    const claims = '{"verbose":false,"user":"admin","name":"admin","nkey":"UADMIN","account":"SYS"}';
    await field.attack({ chunks: [`CONNECT ${claims}\r\n${PUB}`], greets: false, until: "answered" });
    const decisions = field.rig.sidecar.recentRecords().filter((record) => record.type === "decision");
    expect(new Set(decisions.map(({ input }) => JSON.stringify(input.principal))).size).toBe(1);
    expect(decisions.at(-1)?.input.principal).toMatchObject({ id: "agent-7", authenticated_by: "config" });
  });

  it.each([
    [
      "a good CONNECT",
      `{"verbose":false,"user":"u","pass":"${CANARY}","auth_token":"${CANARY}","sig":"${CANARY}"}`,
      "answered",
    ],
    ["a key that nobody knows", `{"verbose":false,"${CANARY}":"${CANARY}","tls_key":"${CANARY}"}`, "answered"],
    ["a CONNECT with a key twice", `{"pass":"${CANARY}","pass":"${CANARY}"}`, "closed"],
    ["a CONNECT that isn't JSON", `{"pass":"${CANARY}"`, "closed"],
    ["a value of the wrong type", `{"pass":{"${CANARY}":1},"jwt":["${CANARY}"]}`, "closed"],
  ] as const)("puts no secret into a log, a record, a metric or an answer: %s", async (_, json, until) => {
    const end = await field.attack({ chunks: [`CONNECT ${json}\r\n`], greets: false, until });
    const metrics = await (await fetch(`http://${field.rig.sidecar.adminAddress}/metrics`)).text();
    const told = JSON.stringify([field.rig.logged(), field.rig.sidecar.recentRecords(), metrics, end.received]);
    expect(told).not.toContain("canary");
  });
});

describe("what goes upstream", () => {
  let upstream: RecordingUpstream;
  let rig: Rig;
  beforeAll(async () => {
    upstream = await startRecordingUpstream();
    rig = await startRig({ rego: ALLOW_ALL, config: { upstream: { urls: [upstream.url] }, limits: { drainMs: 200 } } });
  });
  afterAll(async () => {
    await rig.stop();
    await upstream.stop();
  });

  async function sentUpstream(bytes: string): Promise<string> {
    const count = upstream.received().length;
    const client = await rawConnect(rig.port);
    await client.write(`${bytes}PING\r\n`);
    await client.waitFor("PONG\r\n");
    client.close();
    return upstream.received().slice(count).join("");
  }

  it("is a CONNECT of our own: only keys we know, and never pedantic, TLS or a proxy's signature", async () => {
    const tricks =
      '"pedantic":true,"tls_required":true,"account":"SYS","new_account":true,"import_account":"A","proxy_sig":"x","__proto__":{"user":"admin"},"x":1';
    const sent = await sentUpstream(`CONNECT {"verbose":false,"headers":true,"user":"u","pass":"p",${tricks}}\r\n`);
    expect(sent).toBe(
      'CONNECT {"verbose":false,"pedantic":false,"tls_required":false,"protocol":0,"echo":true,"headers":true,"no_responders":false,"user":"u","pass":"p"}\r\nPING\r\n',
    );
  });

  it("has its line ends only where ours are, whatever a text of CONNECT holds", async () => {
    const sent = await sentUpstream('CONNECT {"verbose":false,"name":"a\\r\\nPUB work.secret 2\\r\\nhi\\r\\n"}\r\n');
    expect(sent).not.toMatch(/^PUB/m);
  });

  it("keeps to the smallest payload limit that any INFO said, and the client learns of no other server", async () => {
    const client = await greeted(rig.port);
    upstream.say('INFO {"max_payload":10,"ldm":true,"connect_urls":["127.0.0.1:4999"],"tls_required":true}\r\n');
    const tightened = await client.waitFor(/INFO .*"max_payload":10.*\r\n/);
    expect(tightened).toContain(`"connect_urls":["127.0.0.1:${rig.port}"]`);
    expect(tightened).not.toMatch(/4999|tls_required/);
    upstream.say('INFO {"max_payload":1000000}\r\n');
    expect(await client.waitFor(/INFO .*\r\n/)).toContain('"max_payload":10');
    await client.write("PUB work.a 11\r\n");
    await client.waitFor("-ERR 'Maximum Payload Violation'\r\n");
    await client.waitForClose();
    expect(upstream.received().join("\n")).not.toMatch(/^PUB/m);
  });

  it("is limited by what the server said on the same connection alone", async () => {
    expect(await sentUpstream(`${CONNECT}PUB work.a 11\r\nhello world\r\n`)).toContain(
      "PUB work.a 11\r\nhello world\r\n",
    );
  });
});

describe("a connection that loses its upstream", () => {
  let proxy: TcpProxy;
  let rig: Rig;
  beforeAll(async () => {
    const port = await freePort();
    proxy = await startTcpProxy({ port });
    const config = { upstream: { urls: [proxy.url] }, limits: { drainMs: 500 } };
    rig = await startRig({ rego: BY_LAST_TOKEN, facts: { strict_order: ["work.>"] }, nats: { port }, config });
  });
  afterAll(async () => {
    await rig.stop();
    await proxy.close();
  });

  it("takes its waiting frames with it: none of them is sent on another's connection", async () => {
    const first = await greeted(rig.port);
    // Where order is strict, what follows a held message waits for it.
    await first.write("PUB work.hold 1\r\n1\r\nPUB work.allow 1\r\n2\r\nPUB work.allow 1\r\n3\r\n");
    await eventually(() => decisionsOn("work.allow") === 2, { what: "two decisions" });
    proxy.cut();
    await first.waitForClose();
    const second = await eventually(async () => greeted(rig.port), { what: "a connection after the cut" });
    await second.write("PUB work.second 1\r\nx\r\nPING\r\n");
    await second.waitFor("PONG\r\n");
    expect((await rig.tap.flushed()).map(({ subject }) => subject)).toEqual(["work.second"]);
    const outcomes = rig.sidecar.recentRecords().filter((record) => record.type === "outcome");
    expect(outcomes.map(({ result }) => result)).toEqual(["failed", "failed", "released"]);
    second.close();
  });

  function decisionsOn(subject: string): number {
    const decisions = rig.sidecar.recentRecords().filter((record) => record.type === "decision");
    return decisions.filter(({ input }) => input.message.subject === subject).length;
  }
});
