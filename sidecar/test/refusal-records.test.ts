import { eventually, rawConnect, type RawClient } from "@cortexos/devkit";
import type { AuditRecord, DecisionRecord } from "@cortexos/protocol";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONNECT } from "./attack-field.ts";
import { startRig, type Rig } from "./sidecar-rig.ts";
import { BY_LAST_TOKEN } from "./test-bundle.ts";

const REFUSAL_COUNT = 24_000;
/** More than a sink's queue holds of them. */
const REFUSED_PAYLOAD = JSON.stringify("A".repeat(2_000));
const FLOODER_COUNT = 8;

async function greeted(rig: Rig): Promise<RawClient> {
  const client = await rawConnect(rig.port);
  await client.write(`${CONNECT}PING\r\n`);
  await client.waitFor("PONG\r\n");
  return client;
}

function publish(subject: string, payload: string): string {
  return `PUB ${subject} ${payload.length}\r\n${payload}\r\n`;
}

function isDecision(record: AuditRecord): record is DecisionRecord {
  return record.type === "decision";
}

function recorded(rig: Rig, subject: string): readonly DecisionRecord[] {
  const lines = readFileSync(join(rig.folder, "records.jsonl"), "utf8")
    .split("\n")
    .filter((line) => line !== "");
  return lines
    .map((line) => JSON.parse(line) as AuditRecord)
    .filter(isDecision)
    .filter(({ input }) => input.message.subject === subject);
}

describe("records of refusals", () => {
  let rig: Rig;
  beforeAll(async () => {
    const records = { kind: "file", path: "records.jsonl" };
    const limits = { refusalsPerSecondMax: 1_000_000, throttleWaitMs: 5_000 };
    rig = await startRig({ rego: BY_LAST_TOKEN, config: { records, limits }, logLevel: "warn" });
  });
  afterAll(async () => {
    await rig.stop();
  });

  it("are all there after a flood, and others' messages go meanwhile", async () => {
    const victim = await greeted(rig);
    const flooders = await Promise.all(Array.from({ length: FLOODER_COUNT }, async () => greeted(rig)));
    const frames = publish("work.deny", REFUSED_PAYLOAD).repeat(REFUSAL_COUNT / FLOODER_COUNT);
    const flood = Promise.all(
      flooders.map(async (flooder) => {
        await flooder.write(`${frames}PING\r\n`);
        await flooder.waitFor("PONG\r\n", 60_000);
      }),
    );
    let over = false;
    void flood.finally(() => (over = true));
    let sent = 0;
    while (!over) {
      await victim.write(`${publish("work.allow", "1")}PING\r\n`);
      await victim.waitFor("PONG\r\n", 60_000);
      sent++;
    }
    await flood;
    expect(victim.received()).not.toContain("-ERR");
    const told = flooders.reduce((sum, flooder) => sum + (flooder.received().match(/-ERR/g) ?? []).length, 0);
    expect(told).toBe(REFUSAL_COUNT);
    await eventually(() => recorded(rig, "work.deny").length === REFUSAL_COUNT, { what: "every record" });
    expect(recorded(rig, "work.allow")).toHaveLength(sent);
    expect(rig.sidecar.readiness()["records"]).toMatchObject({ ok: true });
  });

  it("go without a payload that makes them too big, and the sidecar stays ready", async () => {
    const client = await greeted(rig);
    const call = JSON.stringify({ tool: "t", args: { x: "A".repeat(600_000) } });
    await client.write(`${publish("work.big.deny", call)}PING\r\n`);
    await client.waitFor("PONG\r\n");
    expect(client.received()).toContain("-ERR");
    const [record] = await eventually(() => {
      const found = recorded(rig, "work.big.deny");
      return found.length > 0 && found;
    });
    expect(record).toMatchObject({ omitted: { payload: expect.any(String), action: expect.any(String) } });
    await client.write(`${publish("work.big.allow", call)}PING\r\n`);
    await client.waitFor("PONG\r\n");
    expect(client.received()).toContain("record.unavailable");
    expect((await rig.tap.flushed()).filter(({ subject }) => subject === "work.big.allow")).toEqual([]);
    expect(rig.sidecar.readiness()["records"]).toMatchObject({ ok: true });
  });
});
