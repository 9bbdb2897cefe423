import { digestFrame, type Finding, type Principal } from "@cortexos/protocol";
import { describe, expect, it } from "vitest";
import { createGate, type KernelGate } from "./gate.ts";
import type { GateOptions } from "./gate-options.ts";
import type { GateResult } from "./gate-types.ts";
import type { Hold, HoldStore } from "./ports.ts";
import {
  allow,
  CALLER,
  createBudgets,
  createHolds,
  createSink,
  createTime,
  deny,
  HUMAN,
  messageOf,
  modify,
  policyOf,
  requireHuman,
  turns,
  type FakeSink,
  type FakeTime,
} from "./testing/fakes.ts";

interface Desk {
  readonly gate: KernelGate;
  readonly time: FakeTime;
  readonly records: FakeSink;
  readonly holds: HoldStore;
  /** Replaces the rules of the current policy. */
  readonly setRules: (rules: () => readonly Finding[]) => void;
  /** Submits a message that is held. */
  readonly hold: () => Promise<{ readonly id: string; readonly settled: Promise<GateResult> }>;
}

function deskOf(first: () => readonly Finding[], over: Partial<GateOptions> = {}): Desk {
  let policy = policyOf(first);
  const time = createTime();
  const records = createSink();
  const holds = createHolds(2);
  const gate = createGate({
    policies: { current: () => policy },
    clock: time,
    timers: time,
    records,
    holds,
    origin: { writer: "w", epoch: 1 },
    ...over,
  });
  return {
    gate,
    time,
    records,
    holds,
    setRules(rules) {
      policy = policyOf(rules, { digest: "sha256:next" });
    },
    async hold() {
      const result = await gate.submit(messageOf({ a: 1 }), CALLER);
      if (result.kind !== "hold") throw new Error(`not held: ${result.decision.reason}`);
      return { id: result.decision.decision_id, settled: result.settled };
    },
  };
}

const asks = (): readonly Finding[] => [allow(), requireHuman()];
const asksTwo = (): readonly Finding[] => [allow(), requireHuman({ quorum: 2 })];
const bob: Principal = { ...HUMAN, id: "bob" };

describe("a held message", () => {
  it("is parked with what a human needs to see, and recorded", async () => {
    const { gate, records, hold } = deskOf(asks);
    const { id } = await hold();
    const shown = await gate.approvals.show(id);
    expect(shown).toMatchObject({
      id,
      status: "waiting",
      requester: CALLER.principal,
      decision: { outcome: "REQUIRE_HUMAN", hold: { approvers: "SRE_LEAD", quorum: 1 } },
      message: { subject: "agent.x", headers: [["Nats-Msg-Id", id]] },
    });
    expect(shown?.frameSha256).toBe(digestFrame(shown?.message ?? messageOf({})));
    expect(records.decisions()).toMatchObject([
      { decision: { outcome: "REQUIRE_HUMAN" }, frame_sha256: shown?.frameSha256 },
    ]);
    expect(await gate.approvals.list()).toHaveLength(1);
  });

  it("is a copy of what the sender sent", async () => {
    const { gate } = deskOf(asks);
    const message = messageOf({ a: 1 });
    const result = await gate.submit(message, CALLER);
    message.payload.fill(0);
    const shown = await gate.approvals.show(result.decision.decision_id);
    expect(Buffer.from(shown?.message.payload ?? []).toString()).toBe('{"a":1}');
  });

  it("keeps a message id of its own", async () => {
    const { gate } = deskOf(asks);
    const headers = [["nats-msg-id", "mine"]] as const;
    const result = await gate.submit(messageOf({}, { headers }), CALLER);
    expect((await gate.approvals.show(result.decision.decision_id))?.message.headers).toEqual(headers);
  });

  it("is released once it is approved, byte for byte as it was shown, with a record", async () => {
    const { gate, records, hold } = deskOf(asks);
    const { id, settled } = await hold();
    const shown = await gate.approvals.show(id);
    const answer = await gate.approvals.approve(id, HUMAN);
    const result = await settled;
    expect(answer).toMatchObject({ ok: true, result: { kind: "release" } });
    expect(result).toMatchObject({ kind: "release", decision: { outcome: "ALLOW", rule_ids: ["human", "ok"] } });
    expect(result.kind === "release" && digestFrame(result.message)).toBe(shown?.frameSha256);
    expect(records.records.slice(1)).toMatchObject([
      { type: "approval", hold_id: id, verdict: "approve", by: "alice" },
      { type: "decision", frame_sha256: shown?.frameSha256, approval: { hold_id: id, approved_by: ["alice"] } },
    ]);
    expect(records.decisions()[1]?.decision.decision_id).not.toBe(id);
  });

  it("is released patched, as it was shown", async () => {
    const { gate } = deskOf(() => [allow(), requireHuman(), modify({ set: { "/a": 9 } })]);
    const held = await gate.submit(messageOf({ a: 1 }), CALLER);
    expect(held.decision).toMatchObject({ outcome: "REQUIRE_HUMAN", patch: { set: { "/a": 9 } } });
    const answer = await gate.approvals.approve(held.decision.decision_id, HUMAN);
    const released = answer.ok && answer.result?.kind === "release" ? answer.result.message.payload : [];
    expect(Buffer.from(released).toString()).toBe('{"a":9}');
  });

  it("P11: is released at most once, however often and by whomever it is approved", async () => {
    const { gate, hold } = deskOf(asks);
    const { id } = await hold();
    const answers = await Promise.all([HUMAN, bob, HUMAN].map((by) => gate.approvals.approve(id, by)));
    expect(answers.filter((answer) => answer.ok)).toHaveLength(1);
    expect(await gate.approvals.approve(id, bob)).toMatchObject({ ok: false, code: "approval.not_waiting" });
  });

  it("waits for a quorum of distinct humans", async () => {
    const { gate, hold } = deskOf(asksTwo);
    const { id } = await hold();
    expect(await gate.approvals.approve(id, HUMAN)).toMatchObject({ ok: true, hold: { status: "waiting" } });
    expect(await gate.approvals.approve(id, HUMAN)).toMatchObject({ ok: false, code: "approval.repeated" });
    expect(await gate.approvals.approve(id, bob)).toMatchObject({ ok: true, result: { kind: "release" } });
  });

  it.each<[string, Principal, string]>([
    ["its requester", { ...HUMAN, id: CALLER.principal.id }, "approval.requester"],
    ["somebody for its requester", { ...HUMAN, on_behalf_of: CALLER.principal.id }, "approval.requester"],
    ["a human without the role", { ...HUMAN, roles: ["DEV"] }, "approval.role"],
    ["a human of another tenant", { ...HUMAN, tenant: "other" }, "approval.role"],
    ["an agent with the role", { ...HUMAN, kind: "agent" }, "approval.role"],
  ])("can't be approved or denied by %s", async (_who, by, code) => {
    const { gate, hold } = deskOf(asks);
    const { id } = await hold();
    expect(await gate.approvals.approve(id, by)).toMatchObject({ ok: false, code });
    expect(await gate.approvals.deny(id, by)).toMatchObject({ ok: false, code });
    expect((await gate.approvals.show(id))?.status).toBe("waiting");
  });

  it("can't be approved by the one its requester acts for", async () => {
    const { gate } = deskOf(asks);
    const principal = { ...CALLER.principal, on_behalf_of: HUMAN.id };
    const held = await gate.submit(messageOf({}), { ...CALLER, principal });
    expect(await gate.approvals.approve(held.decision.decision_id, HUMAN)).toMatchObject({
      code: "approval.requester",
    });
  });

  it("asks every role of every rule from each approver", async () => {
    const { gate, hold } = deskOf(() => [requireHuman(), requireHuman({ id: "legal", approvers: "LEGAL" })]);
    const { id } = await hold();
    expect(await gate.approvals.approve(id, HUMAN)).toMatchObject({ code: "approval.role" });
    expect(await gate.approvals.approve(id, { ...HUMAN, roles: ["LEGAL", "SRE_LEAD"] })).toMatchObject({
      result: { kind: "release" },
    });
  });

  it("is refused once a human denies it", async () => {
    const { gate, records, hold } = deskOf(asks);
    const { id, settled } = await hold();
    expect(await gate.approvals.deny(id, HUMAN)).toMatchObject({ ok: true, hold: { status: "denied" } });
    expect(await settled).toMatchObject({
      kind: "refuse",
      decision: { decision_id: id, outcome: "DENY", rule_ids: ["hold.denied"] },
    });
    expect(await gate.approvals.approve(id, bob)).toMatchObject({ ok: false, code: "approval.not_waiting" });
    expect(records.records.at(-1)).toMatchObject({ type: "approval", verdict: "deny", by: "alice" });
  });

  it("is refused when its time is over, by itself", async () => {
    const { gate, records, time, hold } = deskOf(asks);
    const { id, settled } = await hold();
    await time.advance(59_000);
    expect((await gate.approvals.show(id))?.status).toBe("waiting");
    await time.advance(2_000);
    expect(await settled).toMatchObject({ kind: "refuse", decision: { rule_ids: ["hold.expired"] } });
    expect(await gate.approvals.approve(id, HUMAN)).toMatchObject({ ok: false });
    expect(records.records.slice(-2)).toMatchObject([
      { type: "approval", verdict: "expire" },
      { type: "outcome", decision_id: id, result: "expired" },
    ]);
  });

  it("can't be approved after its time, even before anybody looked", async () => {
    const { gate, time, hold } = deskOf(asks, { timers: { sleep: () => new Promise(() => undefined) } });
    const { id } = await hold();
    await time.advance(60_001);
    expect(await gate.approvals.approve(id, HUMAN)).toMatchObject({ ok: false, code: "approval.expired" });
    expect(await gate.approvals.expire()).toBe(1);
  });

  it("isn't there", async () => {
    const { gate } = deskOf(asks);
    expect(await gate.approvals.approve("x", HUMAN)).toMatchObject({ ok: false, code: "approval.unknown" });
    expect(await gate.approvals.show("x")).toBeUndefined();
  });
});

describe("a release after an approval", () => {
  it.each<[string, () => readonly Finding[], string]>([
    ["denies it", () => [deny()], "no"],
    ["no longer knows it", () => [], "default.deny"],
    ["would change it", () => [allow(), modify({ set: { "/a": 2 } })], "hold.changed"],
    ["asks for more approvals", asksTwo, "hold.terms"],
    ["asks for another role", () => [allow(), requireHuman({ approvers: "LEGAL" })], "hold.terms"],
  ])("is refused when the policy of that moment %s", async (_what, rules, ruleId) => {
    const { gate, setRules, hold } = deskOf(asks);
    const { id, settled } = await hold();
    setRules(rules);
    await gate.approvals.approve(id, HUMAN);
    expect(await settled).toMatchObject({
      kind: "refuse",
      decision: { bundle_digest: "sha256:next", outcome: "DENY", rule_ids: [ruleId] },
    });
  });

  it("needs no approval any more when the policy asks for none", async () => {
    const { gate, setRules, hold } = deskOf(asks);
    const { id, settled } = await hold();
    setRules(() => [allow()]);
    await gate.approvals.approve(id, HUMAN);
    expect((await settled).kind).toBe("release");
  });

  it("takes its budget then, not while the message waits", async () => {
    const budgets = createBudgets(2);
    const { gate, hold } = deskOf(() => [{ ...allow(), budget: { scope: "s", amount: 2 } }, requireHuman()], {
      budgets,
    });
    const [first, second] = [await hold(), await hold()];
    expect(budgets.log).toEqual([]);
    await gate.approvals.approve(first.id, HUMAN);
    await gate.approvals.approve(second.id, HUMAN);
    expect((await first.settled).kind).toBe("release");
    expect(await second.settled).toMatchObject({ kind: "refuse", decision: { rule_ids: ["budget.exhausted"] } });
  });

  it.each<[string, (hold: Hold) => Partial<Hold>]>([
    ["the payload", (hold) => ({ message: { ...hold.message, payload: Buffer.from("{}") } })],
    ["the subject", (hold) => ({ message: { ...hold.message, subject: "agent.y" } })],
    ["the reply", (hold) => ({ message: { ...hold.message, reply: "other" } })],
    ["a header", (hold) => ({ message: { ...hold.message, headers: [["A", "1"], ...hold.message.headers] } })],
  ])("is refused when the store changed %s", async (_what, change) => {
    const holds = createHolds();
    const { gate, hold } = deskOf(asks, {
      holds: {
        ...holds,
        async approve(...said) {
          const result = await holds.approve(...said);
          return result.ok ? { ok: true, hold: { ...result.hold, ...change(result.hold) } } : result;
        },
      },
    });
    const { id, settled } = await hold();
    await gate.approvals.approve(id, HUMAN);
    expect(await settled).toMatchObject({ kind: "refuse", decision: { rule_ids: ["hold.changed"] } });
  });

  it("is refused when the approval can't be recorded, and never comes later", async () => {
    const sink = createSink();
    const { gate, holds, hold } = deskOf(asks, {
      records: {
        append: (record) => (record.type === "approval" ? Promise.reject(new Error("full")) : sink.append(record)),
      },
    });
    const { id, settled } = await hold();
    await gate.approvals.approve(id, HUMAN);
    expect(await settled).toMatchObject({ kind: "refuse", decision: { rule_ids: ["record.unavailable"] } });
    expect(await holds.claimRelease(id)).toBe(false);
  });

  it("goes to whoever takes orphans when nobody here waits", async () => {
    const { holds, hold } = deskOf(asks);
    const { id } = await hold();
    const orphans: [string, string][] = [];
    const restarted = deskOf(asks, { holds, onOrphan: (of, result) => orphans.push([of.id, result.kind]) });
    await restarted.gate.approvals.approve(id, HUMAN);
    expect(orphans).toEqual([[id, "release"]]);
  });

  it("doesn't come when the store says anything but yes", async () => {
    for (const claimed of [false, "true", 1]) {
      // @ts-expect-error -- a store that breaks its contract
      const { gate, hold } = deskOf(asks, { holds: { ...createHolds(), claimRelease: () => claimed } });
      const { id } = await hold();
      expect(await gate.approvals.approve(id, HUMAN)).toEqual({ ok: true, hold: await gate.approvals.show(id) });
    }
  });

  it("counts as failed when nobody takes it", async () => {
    const { holds, hold } = deskOf(asks);
    const { id } = await hold();
    const restarted = deskOf(asks, { holds });
    await restarted.gate.approvals.approve(id, HUMAN);
    expect(restarted.records.records.at(-1)).toMatchObject({ type: "outcome", result: "failed" });
  });
});

describe("a message that can't be held", () => {
  it("that a process left approved is recorded and released by another, once and not too early", async () => {
    const { hold, holds } = deskOf(asks);
    const { id } = await hold();
    const taken: GateResult[] = [];
    const later = deskOf(asks, { holds, onOrphan: (_hold, result) => taken.push(result) });
    const approved = await holds.approve(id, HUMAN, later.time.nowNs().toString());
    expect(approved.ok).toBe(true);
    expect(await later.gate.approvals.resume()).toBe(0);
    await later.time.advance(6000);
    expect(await later.gate.approvals.resume()).toBe(1);
    expect(taken).toMatchObject([{ kind: "release", message: { headers: [["Nats-Msg-Id", id]] } }]);
    expect(later.records.records.map(({ type }) => type)).toEqual(["approval", "decision"]);
    expect(await later.gate.approvals.resume()).toBe(0);
  });

  it("that a process left approved isn't released when that can't be recorded", async () => {
    const { hold, holds } = deskOf(asks);
    const { id } = await hold();
    const taken: GateResult[] = [];
    const records = { append: () => Promise.reject(new Error("away")) };
    const later = deskOf(asks, { holds, records, onOrphan: (_hold, result) => taken.push(result) });
    await holds.approve(id, HUMAN, "1700000000000000000");
    await later.time.advance(6000);
    expect(await later.gate.approvals.resume()).toBe(0);
    expect([taken, (await holds.get(id))?.status]).toEqual([[], "approved"]);
  });

  it("that another process ended leaves no watcher behind here", async () => {
    const { time, hold, holds } = deskOf(asks);
    let getCount = 0;
    const get = holds.get.bind(holds);
    holds.get = (id) => {
      getCount++;
      return get(id);
    };
    const { id } = await hold();
    await holds.deny(id, HUMAN, time.nowNs().toString());
    for (let seconds = 0; seconds < 70; seconds++) await time.advance(1000);
    expect(getCount).toBe(1);
  });

  it("is refused when the store is full", async () => {
    const { gate, hold } = deskOf(asks);
    await hold();
    await hold();
    expect(await gate.submit(messageOf({}), CALLER)).toMatchObject({
      kind: "refuse",
      decision: { rule_ids: ["hold.full"] },
    });
  });

  it("is refused when the store isn't there or fails", async () => {
    const failing = { ...createHolds(), park: () => Promise.reject(new Error("away")) };
    const { gate } = deskOf(asks, { holds: failing });
    expect(await gate.submit(messageOf({}), CALLER)).toMatchObject({ decision: { rule_ids: ["hold.unavailable"] } });
  });

  it("leaves no watcher behind when the gate closes", async () => {
    const { gate, time, hold } = deskOf(asks);
    const { id } = await hold();
    gate.close();
    await turns();
    await time.advance(120_000);
    expect((await gate.approvals.show(id))?.status).toBe("waiting");
  });
});
