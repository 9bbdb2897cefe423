import { eventually, rawConnect, type RawClient } from "@cortexos/devkit";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { metric } from "./rig-metrics.ts";
import { startRig, type Rig } from "./sidecar-rig.ts";
import { BY_LAST_TOKEN } from "./test-bundle.ts";

const CONNECT = 'CONNECT {"verbose":false,"headers":true,"protocol":1}\r\n';

/** What may happen to a message: released at once, after a short wait, in another form; refused; held. */
const outcomes = fc.array(fc.constantFrom("allow", "pace", "mod", "deny", "hold"), { minLength: 1, maxLength: 12 });

async function greeted(rig: Rig): Promise<RawClient> {
  const client = await rawConnect(rig.port);
  await client.waitFor(/INFO \{.*\}\r\n/);
  await client.write(`${CONNECT}PING\r\n`);
  await client.waitFor("PONG\r\n");
  return client;
}

async function heldIds(rig: Rig): Promise<readonly string[]> {
  const { body } = await rig.admin("GET", "/v1/approvals");
  return (body["approvals"] as readonly { readonly id: string }[]).map(({ id }) => id);
}

function frames(sent: readonly string[], prefix: string): string {
  const payloads = sent.map((_, i) => `{"n":${i}}`);
  return sent.map((outcome, i) => `PUB ${prefix}.${outcome} ${payloads[i]?.length}\r\n${payloads[i]}\r\n`).join("");
}

function numbers(texts: readonly string[]): readonly unknown[] {
  return texts.map((text) => (JSON.parse(text) as Readonly<Record<string, unknown>>)["n"]);
}

function placesOf(sent: readonly string[], wanted: (outcome: string) => boolean): readonly number[] {
  return sent.flatMap((outcome, i) => (wanted(outcome) ? [i] : []));
}

describe("one connection's messages", () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig({ rego: BY_LAST_TOKEN, facts: { strict_order: ["strict.>"] } });
  });
  afterAll(async () => {
    await rig.stop();
  });
  afterEach(() => {
    rig.tap.clear();
  });

  const arrived = async (): Promise<readonly unknown[]> => numbers((await rig.tap.flushed()).map(({ text }) => text));

  it("arrive in the order in which they were sent, whatever each waits for; held ones are overtaken", async () => {
    await fc.assert(
      fc.asyncProperty(outcomes, async (sent) => {
        rig.tap.clear();
        const client = await greeted(rig);
        await client.write(`${frames(sent, "work")}PING\r\n`);
        await client.waitFor("PONG\r\n");
        expect(await arrived()).toEqual(placesOf(sent, (outcome) => outcome !== "deny" && outcome !== "hold"));
        const held = await heldIds(rig);
        expect(held).toHaveLength(placesOf(sent, (outcome) => outcome === "hold").length);
        for (const id of held) await rig.admin("POST", `/v1/approvals/${id}/deny`);
        client.close();
      }),
      { numRuns: 10 },
    );
  });

  it("arrive in the order in which they were sent, held ones among them, where order is strict", async () => {
    await fc.assert(
      fc.asyncProperty(outcomes, async (sent) => {
        rig.tap.clear();
        const client = await greeted(rig);
        await client.write(`${frames(sent, "strict")}PING\r\n`);
        const wanted = placesOf(sent, (outcome) => outcome !== "deny");
        await eventually(
          async () => {
            for (const id of await heldIds(rig)) await rig.admin("POST", `/v1/approvals/${id}/approve`);
            return (await arrived()).length >= wanted.length;
          },
          { what: "all messages" },
        );
        await client.waitFor("PONG\r\n");
        expect(await arrived()).toEqual(wanted);
        client.close();
      }),
      { numRuns: 10 },
    );
  });
});

describe("a client that is gone while a message of a strictly ordered subject waits for a person", () => {
  let rig: Rig;
  beforeAll(async () => {
    const facts = { strict_order: ["strict.>"] };
    rig = await startRig({ rego: BY_LAST_TOKEN, facts, config: { limits: { drainMs: 200 } } });
  });
  afterAll(async () => {
    await rig.stop();
  });

  it("keeps no place, and its message arrives once when it is approved", async () => {
    for (let i = 0; i < 5; i++) {
      const client = await greeted(rig);
      await client.write(frames(["hold", "allow"], "strict"));
      await eventually(async () => (await heldIds(rig)).length === i + 1, { what: "the hold" });
      client.close();
    }
    await eventually(async () => (await metric(rig, "cortexos_connections")) === 0, { what: "no connections" });
    for (const id of await heldIds(rig)) await rig.admin("POST", `/v1/approvals/${id}/approve`);
    await eventually(async () => (await rig.tap.flushed()).length === 5, { what: "five messages" });
    // What stood behind a hold must not overtake it: it went with its client.
    expect((await rig.tap.flushed()).map(({ subject }) => subject)).toEqual(Array(5).fill("strict.hold"));
  });
});
