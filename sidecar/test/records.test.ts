import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { openBundle, createPolicy } from "@cortexos/engine";
import { decideInput, verifyRecord } from "@cortexos/kernel";
import { canonicalJson, digestJson, type AuditRecord, type DecisionRecord } from "@cortexos/protocol";
import { eventually } from "@cortexos/devkit";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openAgentV3, type AgentClient } from "./agent-client.ts";
import { startRig, type Rig } from "./sidecar-rig.ts";
import { ALLOW_ALL, BY_LAST_TOKEN } from "./test-bundle.ts";

function isDecision(record: AuditRecord): record is DecisionRecord {
  return record.type === "decision";
}

describe("records", () => {
  let rig: Rig;
  let agent: AgentClient;
  beforeAll(async () => {
    rig = await startRig({ rego: BY_LAST_TOKEN });
    agent = await openAgentV3(rig.url);
    for (const outcome of ["allow", "mod", "deny", "throttle", "throttle", "hold"]) {
      await agent.publish(`work.${outcome}`, '{"secret":"s"}');
    }
  });
  afterAll(async () => {
    await agent.close();
    await rig.stop();
  });

  it("hold what decides the same again, digest and all", () => {
    const decisions = rig.sidecar.recentRecords().filter(isDecision);
    expect(decisions.map(({ decision }) => decision.outcome)).toEqual([
      "ALLOW",
      "ALLOW_MOD",
      "DENY",
      "ALLOW",
      "THROTTLE",
      "REQUIRE_HUMAN",
    ]);
    // The bundle as the file has it: its signature was checked when the sidecar loaded it.
    const policy = createPolicy(openRigBundle(rig));
    for (const record of decisions) {
      const again = decideInput(record.input, policy, { answers: record.answers });
      expect(canonicalJson(again as never)).toBe(canonicalJson(record.decision as never));
      expect(record.decision.input_digest).toBe(digestJson(record.input as never));
      expect(record.decision.bundle_digest).toBe(policy.digest);
      expect(verifyRecord(record, policy)).toMatchObject({ verdict: "match" });
    }
  });

  it("name the caller of the configuration and a session of their own", () => {
    const [record] = rig.sidecar.recentRecords().filter(isDecision);
    expect(record?.input.principal).toEqual({
      id: "agent-7",
      kind: "agent",
      roles: ["OPERATOR"],
      tenant: "acme",
      authenticated_by: "config",
    });
    expect(record?.input.context.source).toBe("sidecar");
    expect(record?.input.context.session.id).toBe(record?.origin.connection);
  });

  it("tell the beginning, and every bundle that became active", () => {
    const events = rig.sidecar.recentRecords().filter((record) => record.type === "lifecycle");
    expect(events.map(({ event }) => event)).toEqual(["bundle_activated", "start"]);
  });

  it("have ids of their own", () => {
    const ids = rig.sidecar.recentRecords().map(({ record_id: id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

function openRigBundle(rig: Rig): ReturnType<typeof openBundle> {
  const publicKeyPem = readFileSync(join(rig.folder, "key.pem"), "utf8");
  return openBundle(readFileSync(rig.bundlePath), {
    trustedKeys: [{ keyId: rig.keyId, algorithm: "EdDSA", publicKeyPem }],
    nowNs: BigInt(Date.now()) * 1_000_000n,
  });
}

describe("records in JetStream", () => {
  it("are there before the message is", async () => {
    const records = { kind: "jetstream", stream: "CORTEXOS_AUDIT", subject: "sys.audit.event" };
    const rig = await startRig({ rego: BY_LAST_TOKEN, config: { records } });
    await eventually(() => rig.sidecar.readiness()["records"]?.ok === true, { what: "the audit stream" });
    const agent = await openAgentV3(rig.url);
    await agent.publish("work.allow", "1");
    await agent.publish("work.deny", "2");
    const messages = await rig.tap.waitFor(
      ({ subject, text }) => subject.startsWith("sys.audit.event.") && text.includes('"DENY"'),
    );
    expect(messages.map(({ text }) => text).join("\n")).toMatch(/"event":"bundle_activated".*\n.*"event":"start"/);
    const order = messages.filter(
      ({ subject, text }) => subject === "work.allow" || text.includes('"outcome":"ALLOW"'),
    );
    expect(order.map(({ subject }) => subject)).toEqual([
      expect.stringMatching(/^sys\.audit\.event\.[^.]+$/),
      "work.allow",
    ]);
    const behind = await connect({ servers: rig.nats.url });
    const { config } = await (await jetstreamManager(behind)).streams.info("CORTEXOS_AUDIT");
    expect(config).toMatchObject({ deny_delete: true, deny_purge: true });
    await behind.close();
    await agent.close();
    await rig.stop();
  });

  it("slow many senders down instead of refusing any", async () => {
    const records = { kind: "jetstream", stream: "CORTEXOS_AUDIT", subject: "sys.audit.event" };
    const limits = { waitingCountMax: 64, drainMs: 2_000 };
    const rig = await startRig({ rego: ALLOW_ALL, config: { records, limits } });
    await eventually(() => rig.sidecar.readiness()["records"]?.ok === true, { what: "the audit stream" });
    const agents = await Promise.all(Array.from({ length: 10 }, async () => connect({ servers: rig.url })));
    for (let i = 0; i < 200; i++) for (const agent of agents) agent.publish("work.a", String(i));
    for (const agent of agents) await agent.flush();
    const arrived = (await rig.tap.flushed()).filter(({ subject }) => subject === "work.a");
    expect(arrived).toHaveLength(2_000);
    for (const agent of agents) await agent.close();
    await rig.stop();
  });
});
