import type { Hold } from "@cortexos/kernel";
import { describe, expect, it } from "vitest";
import { showHold } from "./approval-view.ts";

function holdOf(payload: Uint8Array): Hold {
  const requester = { id: "a", kind: "agent", roles: [], tenant: "t", authenticated_by: "config" } as const;
  return {
    id: "00",
    status: "waiting",
    decision: {
      decision_id: "00",
      outcome: "REQUIRE_HUMAN",
      rule_ids: [],
      reason: "",
      bundle_digest: "",
      input_digest: "",
      engine: "",
      evaluated_at: "1",
    },
    message: { subject: "s", reply: "", headers: [], payload },
    input: {
      principal: requester,
      job_meta: {
        job_id: "",
        topic: "",
        tenant: "",
        environment: "",
        priority: 0,
        sla_ms: 0,
        risk_tags: [],
        labels: {},
      },
      message: {
        subject: "s",
        tokens: ["s"],
        reply: "",
        headers: {},
        size_bytes: 0,
        format: "binary",
        payload: null,
        payload_sha256: "",
        effects: [],
      },
      cost_estimate: { tokens_in: 0, tokens_out: 0, usd_micros: 0, wall_ms: 0 },
      budget_state: {},
      context: { session: { id: "", declared: {} }, labels: [], hop_count: 0, source: "sidecar" },
      now_ns: "1",
    },
    frameSha256: "sha256:f",
    requester,
    approvals: [],
  };
}

describe("showHold", () => {
  it("shows all of a payload, however long: nobody approves a tail that he can't see", () => {
    const text = `{"a":"${"x".repeat(1_000_000)}","evil":"transfer everything"}`;
    expect(showHold(holdOf(Buffer.from(text)))).toHaveProperty("payload", { size_bytes: text.length, text });
  });

  it("shows what isn't text as base64, all of it", () => {
    const bytes = Buffer.alloc(100_000, 0xff);
    expect(showHold(holdOf(bytes))).toHaveProperty("payload.base64", bytes.toString("base64"));
  });
});
