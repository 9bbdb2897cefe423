import { readArchive, writeArchive } from "@cortexos/engine";
import { writeFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { openAgentV3, type AgentClient } from "./agent-client.ts";
import { startRig, type Rig, type RigOptions } from "./sidecar-rig.ts";
import { ALLOW_ALL, type TestBundle } from "./test-bundle.ts";

/** Parses, compiles, and can't be decided for any message. */
const CONFLICTING = `# METADATA
# title: Conflicting
# description: Gives a finding of the wrong type.
package cortexos.rules.test.conflicting

allow contains {"reason": 7}
`;

/** Changes a file inside the archive and leaves the signature as it was. */
function tampered({ bytes }: TestBundle): Uint8Array {
  const files = new Map(readArchive(bytes));
  files.set("data.json", Buffer.from('{"cortexos":{"tampered":true}}'));
  return writeArchive(files);
}

function unsigned({ bytes }: TestBundle): Uint8Array {
  const files = new Map(readArchive(bytes));
  files.delete(".signatures.json");
  return writeArchive(files);
}

interface Case {
  readonly name: string;
  readonly rig: RigOptions;
  readonly rule: string;
  readonly reason: RegExp | undefined;
}

const cases: readonly Case[] = [
  {
    name: "the bundle is missing",
    rig: { rego: ALLOW_ALL, bundleBytes: () => undefined },
    rule: "bundle.missing",
    reason: /bundle: the bundle was refused: .*bundle\.unreadable/,
  },
  {
    name: "the bundle is empty",
    rig: { rego: ALLOW_ALL, bundleBytes: () => new Uint8Array() },
    rule: "bundle.missing",
    reason: /bundle\.archive/,
  },
  {
    name: "the bundle was tampered with",
    rig: { rego: ALLOW_ALL, bundleBytes: tampered },
    rule: "bundle.missing",
    reason: /bundle\.signature/,
  },
  {
    name: "the signature was stripped",
    rig: { rego: ALLOW_ALL, bundleBytes: unsigned },
    rule: "bundle.missing",
    reason: /bundle\.signature/,
  },
  { name: "nothing can be decided", rig: { rego: CONFLICTING }, rule: "evaluation.shape", reason: undefined },
];

describe("startSidecar", () => {
  let rig: Rig | undefined;
  let agent: AgentClient | undefined;
  afterEach(async () => {
    await agent?.close();
    await rig?.stop();
    agent = undefined;
    rig = undefined;
  });

  it.each(cases)("denies every publish when $name, and says so", async ({ rig: options, rule, reason }) => {
    rig = await startRig(options);
    agent = await openAgentV3(rig.url);
    const seen = [
      await agent.publish("work.a", "{}"),
      await agent.request("work.b", "{}"),
      await agent.jetStreamPublish("work.c", "{}"),
    ];
    for (const { message } of seen) expect(message).toContain(`policy denied rule=${rule} `);
    expect(await rig.tap.flushed()).toEqual([]);
    const ready = await rig.admin("GET", "/readyz");
    expect(ready.status).toBe(reason === undefined ? 200 : 503);
    expect(JSON.stringify(ready.body)).toMatch(reason ?? /"ready":true/);
  });

  it("goes on denying until a good bundle is there, then decides", async () => {
    let good: Uint8Array = new Uint8Array();
    const keep = ({ bytes }: TestBundle): undefined => void (good = bytes);
    rig = await startRig({ rego: ALLOW_ALL, bundleBytes: keep });
    agent = await openAgentV3(rig.url);
    expect(await agent.publish("work.a", "1")).toMatchObject({ end: "PermissionViolationError" });
    writeFileSync(rig.bundlePath, good);
    await rig.sidecar.reload();
    expect(await agent.publish("work.a", "2")).toEqual({ end: "ok" });
    expect((await rig.tap.flushed()).map(({ text }) => text)).toEqual(["2"]);
    expect((await rig.admin("GET", "/readyz")).status).toBe(200);
  });

  it("releases nothing while its records can't be written", async () => {
    const records = { kind: "jetstream", stream: "CORTEXOS_AUDIT", subject: "sys.audit.event" };
    rig = await startRig({ rego: ALLOW_ALL, config: { records }, nats: { jetStream: false } });
    agent = await openAgentV3(rig.url);
    expect((await agent.publish("work.a", "1")).message).toContain("rule=record.unavailable");
    expect(await rig.tap.flushed()).toEqual([]);
    expect((await rig.admin("GET", "/readyz")).body["reasons"]).toEqual([
      expect.stringMatching(/^records: /),
      expect.stringMatching(/^stores: /),
    ]);
  });
});
