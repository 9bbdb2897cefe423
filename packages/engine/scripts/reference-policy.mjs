// The policy and the input that measurements refer to: 20 rules of five kinds, none of which fires, over about 1.2 KB of input.

export const REFERENCE_INPUT = {
  message: {
    subject: "job.code.7",
    reply: "_INBOX.a.b",
    headers: { "Nats-Msg-Id": ["abc-123"], traceparent: ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"] },
    payload: {
      model: "large",
      parameters: { max_tokens: 2048, temperature: 0.7 },
      prompt: "Write a function that parses a subject and returns its tokens as a list. ".repeat(8),
    },
  },
  principal: { id: "agent-17", tenant: "acme", roles: ["developer", "reader"], groups: ["eng"] },
  job_meta: { tenant: "acme", environment: "prod", team: "platform" },
  action: { kind: "publish", tool: "job.code" },
  cost_estimate: { usd_micros: 1200 },
  budget_state: { "tenant/acme": { spent: 120_000, limit: 5_000_000 } },
};

const BODIES = [
  (i) => `\tinput.message.subject == "job.code.${i}"\n\tnot "developer" in input.principal.roles`,
  (i) => `\tstartswith(input.message.subject, "sys.reserved${i}.")\n\tinput.principal.tenant != "root"`,
  (i) => `\tinput.action.kind == "kind${i}"\n\tsome role in input.principal.roles\n\trole == "guest${i}"`,
  (i) => `\tinput.message.payload.parameters.max_tokens > ${i * 1000}\n\tinput.message.payload.model == "model-${i}"`,
  (i) =>
    `\tregex.match(\`^agent\\.[a-z]+\\.tool${i}$\`, input.message.subject)\n\tinput.job_meta.environment == "prod"`,
];

const CEDAR_BODIES = [
  (i) => `context.subject == "job.code.${i}" && !context.roles.contains("developer")`,
  (i) => `context.subject like "sys.reserved${i}.*" && context.tenant != "root"`,
  (i) => `context.kind == "kind${i}" && context.roles.contains("guest${i}")`,
  (i) => `context.max_tokens > ${i * 1000} && context.model == "model-${i}"`,
  (i) => `context.subject like "agent.*.tool${i}" && context.environment == "prod"`,
];

/** `count` rules that take turns among the kinds, or are all of the first kind. */
export function referencePolicy(count, { isMixed = true } = {}) {
  const rules = Array.from({ length: count }, (_, i) => {
    const body = BODIES[isMixed ? i % BODIES.length : 0](i);
    return `deny contains {"rule": "r${i}", "finding": "no"} if {\n${body}\n}\n`;
  });
  return `package cortexos.main\n\nfindings := {"deny": deny, "require_human": set(), "throttle": set(), "modify": set(), "allow": set()}\n\n${rules.join("\n")}`;
}

/** The same rules in Cedar, and what they read of the input: Cedar has no fractions, so the whole input can't be handed over. */
export function cedarReference(count) {
  const forbids = Array.from(
    { length: count },
    (_, i) => `forbid(principal, action, resource) when { ${CEDAR_BODIES[i % CEDAR_BODIES.length](i)} };`,
  );
  const { message, principal, job_meta, action } = REFERENCE_INPUT;
  return {
    policies: ["permit(principal, action, resource);", ...forbids].join("\n"),
    context: {
      subject: message.subject,
      roles: principal.roles,
      tenant: principal.tenant,
      kind: action.kind,
      max_tokens: message.payload.parameters.max_tokens,
      model: message.payload.model,
      environment: job_meta.environment,
    },
  };
}

/** What a gate hands the default packs for an ordinary job, about 1.2 KB. */
export const JOB_INPUT = {
  principal: { id: "agent-7", kind: "agent", roles: ["CODER", "SRE_LEAD"], tenant: "acme", authenticated_by: "config" },
  job_meta: {
    job_id: "job-1",
    topic: "job.code.write",
    tenant: "acme",
    environment: "prod",
    priority: 5,
    sla_ms: 60_000,
    risk_tags: ["write"],
    labels: { team: "a" },
  },
  message: {
    subject: "job.code.write",
    tokens: ["job", "code", "write"],
    reply: "_INBOX.x.y",
    headers: { "nats-msg-id": ["1"], traceparent: ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"] },
    size_bytes: 128,
    format: "json",
    payload: {
      tool: "write",
      model: "large",
      parameters: { max_tokens: "2048" },
      args: { paths: ["/workspace/a.ts", "/workspace/b.ts"], amount: 12 },
      prompt: "Write a function that parses a subject and returns its tokens as a list. ".repeat(3),
    },
    payload_sha256: "00",
    effects: [{ kind: "reply", subject: "_INBOX.x.y" }],
  },
  cost_estimate: { tokens_in: 10, tokens_out: 20, usd_micros: 30, wall_ms: 40 },
  budget_state: {},
  context: { session: { id: "s", declared: {} }, labels: [], hop_count: 0, source: "sidecar" },
  now_ns: "1700000000000000000",
};
