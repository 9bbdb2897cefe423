import { eventually, rawConnect, type RawClient } from "@cortexos/devkit";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { greeted, openAttackField, type AttackField } from "./attack-field.ts";
import { metric, violationCodes } from "./rig-metrics.ts";
import { startRig, type Rig } from "./sidecar-rig.ts";
import { ALLOW_ALL } from "./test-bundle.ts";

interface Excess {
  readonly shows: string;
  readonly chunks: readonly string[];
  readonly received: string;
  readonly code: string;
}

const limits = {
  controlLineBytesMax: 512,
  subscriptionCountMax: 100,
  subscriptionBytesMax: 2_048,
  payloadBytesMax: 1_000_000,
};

const subscriptions = (count: number, subject: string): string =>
  Array.from({ length: count }, (_, i) => `SUB ${subject} ${i + 1}\r\n`).join("");

const publish = (block: string): string => `HPUB work.a ${block.length} ${block.length}\r\n${block}\r\n`;

const headerLines = (count: number): string => `NATS/1.0\r\n${"A: 1\r\n".repeat(count)}\r\n`;

const excesses: readonly Excess[] = [
  {
    shows: "one subscription too many",
    chunks: [subscriptions(101, "a")],
    received: "-ERR 'maximum subscriptions exceeded'\r\n",
    code: "wire.subscriptions",
  },
  {
    shows: "few subscriptions with long subjects",
    chunks: [subscriptions(10, "a".repeat(500))],
    received: "-ERR 'maximum subscriptions exceeded'\r\n",
    code: "wire.subscriptions",
  },
  {
    shows: "a control line without end",
    chunks: ["SUB ", ...Array.from({ length: 10 }, () => "a".repeat(100))],
    received: "-ERR 'maximum control line exceeded'\r\n",
    code: "wire.control_line_too_long",
  },
  {
    shows: "a CONNECT without end",
    chunks: [`CONNECT {"name":"${"x".repeat(1_000)}`],
    received: "-ERR 'maximum control line exceeded'\r\n",
    code: "wire.control_line_too_long",
  },
  {
    shows: "10,000 header lines",
    chunks: [publish(headerLines(10_000))],
    received: "",
    code: "wire.header_limit",
  },
  {
    shows: "257 header lines in pieces",
    chunks: publish(headerLines(257)).match(/.{1,7}/gs) ?? [],
    received: "",
    code: "wire.header_limit",
  },
  {
    shows: "one header of 512 KiB",
    chunks: [publish(`NATS/1.0\r\nA: ${"x".repeat(524_288)}\r\n\r\n`)],
    received: "",
    code: "wire.header_limit",
  },
  {
    shows: "a payload above the limit, at its line",
    chunks: ["PUB work.a 1000001\r\n"],
    received: "-ERR 'Maximum Payload Violation'\r\n",
    code: "wire.payload_too_large",
  },
];

describe("a client that asks for more than one may have", () => {
  let field: AttackField;
  beforeAll(async () => {
    field = await openAttackField({ config: { limits } });
  });
  afterAll(async () => field.stop());

  it.each(excesses)("is closed alone: $shows", async ({ chunks, received, code }) => {
    const end = await field.attack({ chunks, until: "closed" });
    expect(end.received).toBe(received);
    expect(end.violations).toEqual([code]);
    expect(end.delivered).toEqual([]);
  });

  it("may have as much again when it gives back what it has", async () => {
    const rounds = Array.from(
      { length: 5 },
      () => subscriptions(100, "a") + Array.from({ length: 100 }, (_, i) => `UNSUB ${i + 1}\r\n`).join(""),
    );
    const end = await field.attack({ chunks: rounds, until: "answered" });
    expect(end.received).toBe("PONG\r\n");
  });
});

describe("many clients", () => {
  let rig: Rig;
  const clients: RawClient[] = [];
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await rig.stop();
  });

  const greet = async (): Promise<RawClient> => {
    const client = await greeted(rig.port);
    clients.push(client);
    return client;
  };

  it("from one address are turned away above its number, and those from another are taken", async () => {
    rig = await startRig({
      rego: ALLOW_ALL,
      config: { limits: { connectionCountMax: 3, peerConnectionCountMax: 2, drainMs: 100 } },
    });
    await greet();
    const second = await greet();
    const third = await rawConnect(rig.port);
    await third.waitFor("-ERR 'maximum connections exceeded'\r\n");
    await third.waitForClose();
    const other = await connectFrom("127.0.0.2", rig.port);
    expect(await metric(rig, "cortexos_connections")).toBe(3);
    expect(await metric(rig, 'cortexos_connections_refused_total{reason="peer_connections"}')).toBe(1);
    other.destroy();
    second.close();
    await eventually(greet, { what: "a free place" });
  });

  it("that keep too much together lose the one that keeps most", async () => {
    rig = await startRig({ rego: ALLOW_ALL, config: { limits: { keptBytesMax: 1_048_576, drainMs: 100 } } });
    const [small, large, last] = [await greet(), await greet(), await greet()];
    const begin = async (client: RawClient, bytes: number): Promise<void> => {
      const before = await metric(rig, "cortexos_kept_bytes");
      await client.write(`PUB work.a 700000\r\n${"x".repeat(bytes)}`);
      await eventually(async () => (await metric(rig, "cortexos_kept_bytes")) >= before + bytes, { what: "the bytes" });
    };
    await begin(small, 300_000);
    await begin(large, 600_000);
    await last.write(`PUB work.a 700000\r\n${"x".repeat(200_000)}`);
    await large.waitForClose();
    expect(violationCodes(rig)).toEqual(["connection.memory"]);
    for (const [client, bytes] of [
      [small, 400_000],
      [last, 500_000],
    ] as const) {
      await client.write(`${"x".repeat(bytes)}\r\nPING\r\n`);
      await client.waitFor("PONG\r\n");
    }
    expect((await rig.tap.flushed()).map(({ text }) => text.length)).toEqual([700_000, 700_000]);
    expect(await metric(rig, "cortexos_kept_bytes")).toBeLessThan(100_000);
  });

  it("that come at once are all served, few upstream at a time", async () => {
    rig = await startRig({ rego: ALLOW_ALL, config: { limits: { dialCountMax: 2, drainMs: 100 } } });
    const all = await Promise.all(Array.from({ length: 100 }, greet));
    await Promise.all(
      all.map(async (client) => {
        await client.write("PUB work.a 1\r\nx\r\nPING\r\n");
        await client.waitFor("PONG\r\n");
      }),
    );
    expect(await rig.tap.flushed()).toHaveLength(100);
  });

  it.each([
    ["PING", "PING\r\n".repeat(40_000)],
    ["SUB and UNSUB", "SUB a.b 1\r\nUNSUB 1\r\n".repeat(20_000)],
    ["messages that are refused", "PUB work..a 0\r\n\r\n".repeat(1_000)],
  ])("that flood with %s don't keep an honest one waiting", async (_, flood) => {
    rig = await startRig({ rego: ALLOW_ALL, logLevel: "warn", config: { limits: { drainMs: 100 } } });
    const honest = await greet();
    const floods = [await greet(), await greet(), await greet()];
    const end = "PUB work.end 0\r\n\r\n";
    const sent = floods.map(async (client) => client.write(flood + end));
    await eventually(async () => (await metric(rig, READ)) > 0, { what: "the flood" });
    for (let i = 0; i < 20; i++) {
      await honest.write("PUB work.honest 0\r\n\r\nPING\r\n");
      await honest.waitFor("PONG\r\n");
    }
    const early = await rig.tap.flushed();
    expect(early.map(({ subject }) => subject)).toEqual(Array.from({ length: 20 }, () => "work.honest"));
    await Promise.all(sent);
    await rig.tap.waitFor(23, 60_000);
  });
});

const READ = 'cortexos_bytes_total{direction="client_to_upstream"}';

async function connectFrom(localAddress: string, port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", localAddress });
  await once(socket, "data");
  return socket;
}
