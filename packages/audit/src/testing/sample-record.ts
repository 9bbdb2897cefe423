import type { DecisionRecord, Input } from "@cortexos/protocol";

/** The record of a tool call on `work.a`, released. */
export function sampleRecord(
  message: Partial<Input["message"]> = {},
  more: Partial<DecisionRecord> = {},
): DecisionRecord {
  return {
    schema: "cortexos.record/1",
    record_id: "w/1/7",
    at_ns: "1700000000123456789",
    origin: { writer: "w", connection: "c-1" },
    type: "decision",
    decision: {
      decision_id: "ab".repeat(16),
      outcome: "ALLOW",
      rule_ids: ["demo.ok"],
      reason: "fine",
      bundle_digest: "sha256:b",
      input_digest: "sha256:i",
      engine: "rego/1",
      evaluated_at: "1700000000123456000",
    },
    input: {
      principal: { id: "agent-7", kind: "agent", roles: ["OPERATOR"], tenant: "acme", authenticated_by: "config" },
      job_meta: {
        job_id: "j",
        topic: "t",
        tenant: "acme",
        environment: "prod",
        priority: 0,
        sla_ms: 0,
        risk_tags: [],
        labels: {},
      },
      message: {
        subject: "work.a",
        tokens: ["work", "a"],
        reply: "",
        headers: {},
        size_bytes: 2,
        format: "json",
        payload: { tool: "pay", args: { card: "4111", list: [{ pin: 1 }, { pin: 2 }] } },
        payload_sha256: "00",
        effects: [],
        ...message,
      },
      action: { tool: "pay", args: { card: "4111", list: [{ pin: 1 }, { pin: 2 }] } },
      cost_estimate: { tokens_in: 0, tokens_out: 0, usd_micros: 0, wall_ms: 0 },
      budget_state: {},
      context: { session: { id: "c-1", declared: {} }, labels: [], hop_count: 0, source: "sidecar" },
      now_ns: "1700000000123456000",
    },
    answers: { budgets: [], throttles: [] },
    took_ns: 1,
    frame_sha256: `sha256:${"f".repeat(64)}`,
    durability: "durable",
    ...more,
  };
}
