import {
  canonicalJson,
  digestJson,
  type DecisionRecord,
  type Evaluation,
  type Input,
  type Message,
} from "@cortexos/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideInput } from "./decide.ts";
import { createGate } from "./gate.ts";
import type { ActivePolicy } from "./ports.ts";
import { prepareInput } from "./prepare.ts";
import {
  arbitraryDenial,
  arbitraryPatchingRules,
  arbitraryPayload,
  arbitraryRules,
  findingsOf,
  type Rule,
} from "./testing/arbitrary-policy.ts";
import {
  allow,
  CALLER,
  createBudgets,
  createHolds,
  createSink,
  createThrottles,
  createTime,
  messageOf,
  modify,
  policyOf,
  requireHuman,
  throttle,
} from "./testing/fakes.ts";
import { verifyRecord } from "./verify.ts";

const policyFor = (rules: readonly Rule[]): ActivePolicy => policyOf((input) => findingsOf(rules, input));

function inputOf(message: Message, policy: ActivePolicy): Input {
  return prepareInput(message, CALLER, { policy, budgetState: {}, nowNs: "17" }).input;
}

const input = inputOf(
  messageOf({ a: 1 }),
  policyOf(() => []),
);
const answering = (answer: unknown): ActivePolicy => {
  const evaluation = { answer };
  // @ts-expect-error -- an evaluator that breaks its contract
  return { ...policyOf(() => []), evaluate: (): Evaluation => evaluation.answer };
};

describe("decideInput", () => {
  const hostile = (): object =>
    new Proxy(
      {},
      {
        get: () => {
          throw Object.create(null);
        },
      },
    );

  it.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["a text", "allow"],
    ["an empty object", {}],
    ["no findings", { ok: true }],
    ["findings that are no list", { ok: true, findings: { length: 1, 0: allow() } }],
    ["ok that is only truthy", { ok: 1, findings: [allow()] }],
    ["a finding that is a text", { ok: true, findings: ["allow"] }],
    ["an unknown effect", { ok: true, findings: [allow(), { ...allow(), effect: "permit" }] }],
    ["an effect in capitals", { ok: true, findings: [{ ...allow(), effect: "ALLOW" }] }],
    ["a finding without an id", { ok: true, findings: [{ effect: "allow", reason: "x" }] }],
    ["a finding without a reason", { ok: true, findings: [{ effect: "allow", id: "x" }] }],
    ["a hold for nobody", { ok: true, findings: [allow(), { ...requireHuman(), approvers: "" }] }],
    ["a hold with no quorum", { ok: true, findings: [allow(), { ...requireHuman(), quorum: 0 }] }],
    ["a throttle with a rate of text", { ok: true, findings: [allow(), { ...throttle(), rate: "1" }] }],
    ["a budget below zero", { ok: true, findings: [{ ...allow(), budget: { scope: "s", amount: -1 } }] }],
    ["a budget that is NaN", { ok: true, findings: [{ ...allow(), budget: { scope: "s", amount: Number.NaN } }] }],
    ["a patch of undefined", { ok: true, findings: [allow(), { ...modify(), set: { "/a": undefined } }] }],
    ["a patch with a header of numbers", { ok: true, findings: [allow(), { ...modify(), headers: { "x-note": 1 } }] }],
    ["a failure", { ok: false, code: "evaluation.error", reason: "x" }],
    ["a failure of an unknown kind", { ok: false, code: "allow", reason: "x" }],
    ["a proxy that throws", hostile()],
    ["findings that throw", { ok: true, findings: [hostile()] }],
    ["nothing with a prototype", Object.create(null)],
    ["more findings than can be", { ok: true, findings: Array.from({ length: 1025 }, () => allow()) }],
  ])("P1: denies when the evaluator answers %s", (_what, answer) => {
    const decision = decideInput(input, answering(answer));
    expect(decision.outcome).toBe("DENY");
    expect(decision.rule_ids[0]).toMatch(/^evaluation\./);
  });

  it("P1: denies whatever the evaluator throws", () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (thrown) => {
        const policy = policyOf(() => {
          throw thrown;
        });
        expect(decideInput(input, policy)).toMatchObject({ outcome: "DENY", rule_ids: ["evaluation.error"] });
      }),
    );
  });

  it("P1: denies whatever the evaluator answers that isn't findings", () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, maxDepth: 3 }), (answer) => {
        expect(decideInput(input, answering(answer)).outcome).toBe("DENY");
        expect(decideInput(input, answering({ ok: true, findings: [answer] })).outcome).toBe("DENY");
      }),
    );
  });

  it("P2: never releases once any rule denies, patches or not", () => {
    fc.assert(
      fc.property(
        arbitraryRules,
        fc.tuple(arbitraryDenial, fc.nat()),
        arbitraryPayload,
        (rules, [finding, at], payload) => {
          const policy = policyFor(rules.toSpliced(at % (rules.length + 1), 0, { finding }));
          expect(decideInput(inputOf(messageOf(payload), policy), policy).outcome).toBe("DENY");
        },
      ),
    );
  });

  it("P3: doesn't depend on the order of rules or on repeated ones", () => {
    const shuffled = arbitraryRules.chain((rules) =>
      fc.tuple(fc.constant(rules), fc.shuffledSubarray([...rules, ...rules], { minLength: rules.length * 2 })),
    );
    fc.assert(
      fc.property(shuffled, arbitraryPayload, ([rules, others], payload) => {
        const [one, other] = [policyFor(rules), policyFor(others)];
        const message = messageOf(payload);
        expect(canonicalJson(decideInput(inputOf(message, other), other))).toBe(
          canonicalJson(decideInput(inputOf(message, one), one)),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it("P5: gives the gate's own decision again from what the gate recorded", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryRules, arbitraryPayload, fc.nat(4), async (rules, payload, limit) => {
        const policy = policyFor(rules);
        const time = createTime();
        const records = createSink();
        const gate = createGate({
          policies: { current: () => policy },
          clock: time,
          timers: time,
          records,
          origin: { writer: "w", epoch: 1 },
          throttles: createThrottles(time),
          budgets: createBudgets(limit),
          holds: createHolds(),
        });
        for (let i = 0; i < 3; i++) {
          const { decision } = await gate.submit(messageOf(payload), CALLER);
          const record: DecisionRecord = JSON.parse(JSON.stringify(records.decisions()[i]));
          expect(record.decision).toEqual(JSON.parse(JSON.stringify(decision)));
          expect(verifyRecord(record, policy)).toEqual({ verdict: "match" });
          expect(record.decision.input_digest).toBe(digestJson(record.input));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("P5: names input and bundle in its id", () => {
    const policy = policyOf(() => [allow()]);
    const [one, two] = [messageOf({ a: 1 }), messageOf({ a: 2 })].map((message) =>
      decideInput(inputOf(message, policy), policy),
    );
    const other = decideInput(input, { ...policy, digest: "sha256:other" });
    expect(one?.decision_id).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set([one, two, other].map((decision) => decision?.decision_id)).size).toBe(3);
  });

  it("P9: a patched message that is released is allowed as it is", async () => {
    let patchedCount = 0;
    await fc.assert(
      fc.asyncProperty(arbitraryPatchingRules, arbitraryPayload, async (rules, payload) => {
        const policy = policyFor(
          rules.map(({ finding: { budget: _budget, ...finding }, ...rule }) => ({ ...rule, finding })),
        );
        const time = createTime();
        const gate = createGate({
          policies: { current: () => policy },
          clock: time,
          timers: time,
          records: createSink(),
          origin: { writer: "w", epoch: 1 },
        });
        const first = await gate.submit(messageOf(payload), CALLER);
        if (first.kind !== "release" || first.decision.outcome !== "ALLOW_MOD") return;
        patchedCount++;
        const again = await gate.submit(first.message, CALLER);
        expect(again).toMatchObject({ kind: "release", decision: { outcome: "ALLOW" }, message: first.message });
      }),
      { numRuns: 1000 },
    );
    expect(patchedCount).toBeGreaterThan(20);
  });
});

describe("verifyRecord", () => {
  const policy = policyOf(() => [allow()]);
  const record: DecisionRecord = {
    schema: "cortexos.record/1",
    record_id: "w/1/1",
    at_ns: (BigInt(input.now_ns) + 1n).toString(),
    origin: { writer: "w", connection: CALLER.session.id },
    type: "decision",
    decision: decideInput(input, policy),
    input,
    answers: { budgets: [], throttles: [] },
    took_ns: 1,
    frame_sha256: `sha256:${"f".repeat(64)}`,
    durability: "durable",
  };
  const HOLD_ID = "ab".repeat(16);
  const withDecision = (over: Partial<DecisionRecord["decision"]>): DecisionRecord => ({
    ...record,
    decision: { ...record.decision, ...over },
    frame_sha256: over.outcome === "DENY" ? "" : record.frame_sha256,
  });

  it("matches what follows", () => {
    expect(verifyRecord(record, policy)).toEqual({ verdict: "match" });
  });

  it.each<[string, DecisionRecord, readonly string[]]>([
    ["outcome", withDecision({ outcome: "DENY" }), ["outcome"]],
    ["reason", withDecision({ reason: "other" }), ["reason"]],
    ["input", { ...record, input: { ...input, now_ns: "18" } }, ["decision_id", "evaluated_at", "input_digest"]],
    ["a patch that never was", withDecision({ patch: { set: {}, remove: [], headers: {} } }), ["patch"]],
  ])("finds another %s", (_what, changed, fields) => {
    expect(verifyRecord(changed, policy)).toMatchObject({ verdict: "mismatch", fields });
  });

  it.each<[string, Partial<DecisionRecord>, string]>([
    ["time", { at_ns: "1" }, "at_ns"],
    ["connection", { origin: { writer: "w", connection: "other" } }, "origin.connection"],
    ["writer", { origin: { writer: "other", connection: CALLER.session.id } }, "record_id"],
    ["id", { record_id: "w/1" }, "record_id"],
    ["durability", { durability: "buffered" }, "durability"],
    ["missing frame", { frame_sha256: "" }, "frame_sha256"],
    ["run", { run: { count: 1_000_000, bytes: 5 } }, "run"],
    ["run of durable records", { run: { count: 2, bytes: 100 } }, "run"],
    [
      "approval by the requester",
      { approval: { hold_id: HOLD_ID, approved_by: ["a", "agent-1"] } },
      "approval.approved_by",
    ],
    ["approval by nobody", { approval: { hold_id: HOLD_ID, approved_by: [] } }, "approval.approved_by"],
    ["hold without a decision's id", { approval: { hold_id: "00", approved_by: ["a"] } }, "approval.hold_id"],
    ["hold of its own", { approval: { hold_id: record.decision.decision_id, approved_by: ["a"] } }, "approval.hold_id"],
  ])("finds a %s that contradicts the rest of the record", (_what, over, field) => {
    expect(verifyRecord({ ...record, ...over }, policy)).toMatchObject({ verdict: "mismatch", fields: [field] });
  });

  it("finds the frame of something that was refused", () => {
    const refusing = policyOf(() => []);
    const refused = { ...record, decision: decideInput(input, refusing), frame_sha256: "" };
    expect(verifyRecord(refused, refusing)).toEqual({ verdict: "match" });
    const changed = { ...refused, frame_sha256: record.frame_sha256 };
    expect(verifyRecord(changed, refusing)).toMatchObject({ verdict: "mismatch", fields: ["frame_sha256"] });
  });

  it("finds a field that was slipped into the input", () => {
    const slipped = Object.assign(structuredClone(input), { extra: true });
    expect(verifyRecord({ ...record, input: slipped }, policy).verdict).toBe("mismatch");
  });

  it.each<[string, Parameters<typeof verifyRecord>[0]]>([
    ["another bundle", withDecision({ bundle_digest: "sha256:other" })],
    ["no bundle", withDecision({ bundle_digest: "" })],
    ["another engine", withDecision({ engine: "rego/9" })],
    ["a denial that no policy made", withDecision({ outcome: "DENY", rule_ids: ["payload.number"] })],
    ["a store that was away", withDecision({ outcome: "DENY", rule_ids: ["budget.unavailable"] })],
    ["a redacted record", { ...record, redactions: ["/secret"] }],
    ["a record without its payload", { ...record, omitted: { payload: "sha256:0" } }],
    ["another kind of record", { ...record, type: "outcome", decision_id: "x", result: "failed" }],
  ])("can't tell of %s", (_what, given) => {
    expect(verifyRecord(given, policy).verdict).toBe("unverifiable");
  });

  it("wants as many approvals in the record as the policy asked for", () => {
    const asking = policyOf(() => [allow(), requireHuman({ quorum: 2 })]);
    const approvedBy = (...by: string[]): DecisionRecord => {
      const approval = { hold_id: HOLD_ID, approved_by: by };
      const answers = { budgets: [], throttles: [] };
      const decision = decideInput(input, asking, { answers, approval: { hold_id: HOLD_ID, approved_by: ["a", "b"] } });
      return { ...record, decision, approval };
    };
    expect(approvedBy("a", "b").decision.outcome).toBe("ALLOW");
    expect(verifyRecord(approvedBy("a", "b"), asking).verdict).toBe("match");
    expect(verifyRecord(approvedBy("a"), asking).verdict).toBe("mismatch");
    expect(verifyRecord(approvedBy("a", "a"), asking).verdict).toBe("mismatch");
  });

  it("never takes a release for one that nobody can check", () => {
    const lie = withDecision({ outcome: "ALLOW", rule_ids: ["payload.number"] });
    expect(verifyRecord(lie, policy).verdict).toBe("mismatch");
  });
});
