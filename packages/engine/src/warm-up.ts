import type { Input } from "@cortexos/protocol";
import type { Policy } from "./policy.ts";

/** Code is compiled when it first runs: better now than while a message waits. What comes of it is nobody's decision. */
export function warmUp(policy: Policy): void {
  policy.evaluate(NOBODYS_MESSAGE);
}

const NOBODYS_MESSAGE: Input = {
  budget_state: {},
  context: { hop_count: 0, labels: [], session: { id: "", declared: {} }, source: "sidecar" },
  cost_estimate: { tokens_in: 0, tokens_out: 0, usd_micros: 0, wall_ms: 0 },
  job_meta: {
    environment: "",
    job_id: "",
    labels: {},
    priority: 0,
    risk_tags: [],
    sla_ms: 0,
    tenant: "",
    topic: "",
  },
  message: {
    effects: [],
    format: "json",
    headers: {},
    payload: {},
    payload_sha256: "",
    reply: "",
    size_bytes: 2,
    subject: "warm.up",
    tokens: ["warm", "up"],
  },
  now_ns: "1",
  principal: { id: "", kind: "service", roles: [], tenant: "", authenticated_by: "" },
};
