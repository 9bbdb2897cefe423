import { eventually, rawConnect, startTcpProxy, type RawClient } from "@cortexos/devkit";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { startRig, type Rig, type RigOptions } from "./sidecar-rig.ts";
import { ALLOW_ALL, BY_LAST_TOKEN } from "./test-bundle.ts";

const CONNECT = 'CONNECT {"verbose":false,"headers":true,"protocol":1}\r\n';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

async function start(options: RigOptions): Promise<Rig> {
  const rig = await startRig(options);
  stops.push(async () => rig.stop());
  return rig;
}

async function greeted(rig: Rig): Promise<RawClient> {
  const client = await rawConnect(rig.port);
  await client.waitFor(/INFO \{.*\}\r\n/);
  await client.write(`${CONNECT}PING\r\n`);
  await client.waitFor("PONG\r\n");
  return client;
}

/** Sends numbered messages, a PING behind each hundred, until the sidecar goes. */
async function sendUntilClosed(client: RawClient): Promise<void> {
  try {
    for (let from = 0; ; from += 100) {
      const frames = Array.from(
        { length: 100 },
        (_, i) => `PUB work.n ${digits(from + i).length}\r\n${digits(from + i)}\r\n`,
      );
      await client.write(`${frames.join("")}PING\r\n`);
      // As fast as they are answered: what isn't read yet is not accepted.
      await client.waitFor("PONG\r\n");
    }
  } catch {
    // It is closed.
  }
}

const digits = (n: number): string => String(n).padStart(7, "0");

describe("stopping under load", () => {
  it("loses nothing that it accepted, repeats nothing, and leaves a record of all that was released", async () => {
    const config = { records: { kind: "file", path: "records.jsonl" }, limits: { drainMs: 5_000 } };
    const rig = await start({ rego: ALLOW_ALL, config });
    const clients = await Promise.all([greeted(rig), greeted(rig), greeted(rig)]);
    const sending = clients.map(sendUntilClosed);
    await eventually(() => rig.tap.messages().length > 2_000, { what: "load" });
    await rig.sidecar.stop();
    await Promise.all(sending);
    // One PONG was for the greeting.
    const answeredCounts = clients.map((client) => (client.received().match(/PONG/g)?.length ?? 0) - 1);
    const arrived = (await rig.tap.flushed()).map(({ text }) => text);
    const countOf = new Map<string, number>();
    for (const text of arrived) countOf.set(text, (countOf.get(text) ?? 0) + 1);
    // What was answered is there from each client; what isn't, may be, in order and without a gap.
    for (const [text, count] of countOf) {
      const acceptedBy = answeredCounts.filter((answered) => Number(text) < answered * 100).length;
      expect(count).toBeGreaterThanOrEqual(acceptedBy);
      expect(count).toBeLessThanOrEqual(clients.length);
    }
    const mostAnswered = Math.max(...answeredCounts) * 100;
    expect([...countOf.keys()].filter((text) => Number(text) < mostAnswered)).toHaveLength(mostAnswered);
    const lines = readFileSync(join(rig.folder, "records.jsonl"), "utf8").trim().split("\n");
    const written = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    // The others are seals.
    const records = written.filter((line) => "type" in line);
    const released = records.filter(({ type, result }) => type === "outcome" && result === "released");
    expect(released).toHaveLength(arrived.length);
    expect(records.at(-1)).toMatchObject({ type: "lifecycle" });
  });
});

describe("stopping with something that doesn't end", () => {
  it("ends all the same, and what waited behind it is not released then or later", async () => {
    const rig = await start({
      rego: BY_LAST_TOKEN,
      facts: { strict_order: ["work.>"] },
      config: { limits: { drainMs: 100 } },
    });
    const client = await greeted(rig);
    await client.write("PUB work.first 1\r\n1\r\nPUB work.hold 1\r\n2\r\nPUB work.behind 1\r\n3\r\n");
    await eventually(() => decisionCount(rig) === 3, { what: "three decisions" });
    await rig.sidecar.stop();
    await client.waitForClose();
    expect((await rig.tap.flushed()).map(({ text }) => text)).toEqual(["1"]);
    const results = rig.sidecar.recentRecords().flatMap((record) => (record.type === "outcome" ? [record.result] : []));
    expect(results).toEqual(["released", "failed"]);
  });

  it("ends all the same when the upstream takes nothing", async () => {
    const rig = await start({ rego: ALLOW_ALL });
    const proxy = await startTcpProxy(rig.nats);
    stops.push(async () => proxy.close());
    const limits = { drainMs: 100, lingerMs: 100 };
    const second = await start({ rego: ALLOW_ALL, config: { upstream: { urls: [proxy.url] }, limits } });
    const client = await greeted(second);
    proxy.setFaults({ blackHole: true });
    await client.write("PUB work.a 1\r\nx\r\nPING\r\n");
    await second.sidecar.stop();
    await client.waitForClose();
    expect(await rig.tap.flushed()).toEqual([]);
  });

  it("takes nothing that comes after its beginning, from whoever is still connected", async () => {
    const rig = await start({
      rego: BY_LAST_TOKEN,
      facts: { strict_order: ["slow.>"] },
      config: { limits: { drainMs: 500 } },
    });
    const [slow, other] = [await greeted(rig), await greeted(rig)];
    await slow.write("PUB slow.hold 1\r\n1\r\n");
    await eventually(() => decisionCount(rig) === 1, { what: "a hold" });
    const stopping = rig.sidecar.stop();
    await other.write("PUB work.late 4\r\nlate\r\n").catch(() => undefined);
    await slow.write("PUB slow.late 4\r\nlate\r\n").catch(() => undefined);
    await stopping;
    expect(await rig.tap.flushed()).toEqual([]);
  });
});

function decisionCount(rig: Rig): number {
  return rig.sidecar.recentRecords().filter(({ type }) => type === "decision").length;
}
