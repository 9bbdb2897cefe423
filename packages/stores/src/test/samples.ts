import type { Hold } from "@cortexos/kernel";
import {
  digestFrame,
  type Decision,
  type DecisionRecord,
  type Input,
  type Message,
  type Outcome,
  type Principal,
} from "@cortexos/protocol";

/** A principal of tenant `acme`. */
export function samplePrincipal(id: string, more: Partial<Principal> = {}): Principal {
  return { id, kind: "agent", roles: [], tenant: "acme", authenticated_by: "config", ...more };
}

/** A human who may approve. */
export function sampleApprover(id: string, more: Partial<Principal> = {}): Principal {
  return samplePrincipal(id, { kind: "human", roles: ["approver"], ...more });
}

const INPUT: Input = {
  principal: samplePrincipal("agent"),
  job_meta: {
    job_id: "",
    topic: "",
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
    payload: {},
    payload_sha256: "",
    effects: [],
  },
  cost_estimate: { tokens_in: 0, tokens_out: 0, usd_micros: 0, wall_ms: 0 },
  budget_state: {},
  context: { session: { id: "s", declared: {} }, labels: [], hop_count: 0, source: "sidecar" },
  now_ns: "1",
};

const DECISION: Decision = {
  decision_id: "d",
  outcome: "ALLOW",
  rule_ids: ["demo.ok"],
  reason: "fine",
  bundle_digest: "sha256:00",
  input_digest: "sha256:00",
  engine: "test",
  evaluated_at: "1",
};

/** A decision record; `reason` pads it. */
export function sampleRecord(
  n: number,
  more: Partial<Pick<DecisionRecord, "durability">> & { reason?: string; outcome?: Outcome; payload?: string } = {},
): DecisionRecord {
  const { durability = "durable", outcome = "ALLOW", payload, reason = "fine" } = more;
  return {
    schema: "cortexos.record/1",
    record_id: `w/e/${n}`,
    at_ns: String(n),
    origin: { writer: "w", connection: "c" },
    type: "decision",
    decision: { ...DECISION, outcome, reason },
    input: payload === undefined ? INPUT : { ...INPUT, message: { ...INPUT.message, payload } },
    answers: { throttles: [], budgets: [] },
    took_ns: 1,
    frame_sha256: "sha256:00",
    durability,
  };
}

/** A hold by `requester` that expires at 1000 ns. */
export function sampleHold(
  id: string,
  more: { requester?: Principal; quorum?: number; payload?: Uint8Array; expiresAtNs?: string } = {},
): Hold {
  const {
    requester = samplePrincipal("agent"),
    quorum = 1,
    payload = new Uint8Array([1, 2]),
    expiresAtNs = "1000",
  } = more;
  const message: Message = { subject: "work.a", reply: "", headers: [["A", "b"]], payload };
  return {
    id,
    decision: {
      ...DECISION,
      decision_id: id,
      outcome: "REQUIRE_HUMAN",
      hold: { approvers: "approver", quorum, expires_at_ns: expiresAtNs },
    },
    message,
    input: INPUT,
    frameSha256: digestFrame(message),
    requester,
    approvals: [],
    status: "waiting",
  };
}
