// Decisions a second: the engine against opa-wasm as it comes, on the same bundle and the same input, in turns within one run.
// After a build: node packages/engine/bench/engine.bench.mjs [--seconds <n>]
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createPolicy, openBundle, readArchive, writeBundle } from "@cortexos/engine";
import { canonicalJson } from "@cortexos/protocol";
import opaWasm from "@open-policy-agent/opa-wasm";

const ENTRYPOINT = "cortexos/main/findings";
const SLICE_MS = 50;

const { values: options } = parseArgs({ options: { seconds: { type: "string", default: "2" } } });

const HEAD = `package cortexos.main

findings := {
	"deny": deny,
	"require_human": set(),
	"throttle": set(),
	"modify": set(),
	"allow": {{"rule": "bench", "finding": "allowed"}},
}
`;

const POLICIES = {
  "allow-all": `${HEAD}
deny := set()
`,
  subject: `${HEAD}
deny contains {"rule": "bench.secret", "finding": "reserved"} if input.message.tokens[0] == "secret"

deny contains {"rule": "bench.tenant", "finding": "tenant wall"} if {
	startswith(input.message.subject, "tenant.")
	input.message.tokens[1] != input.principal.tenant
}
`,
  payload: `${HEAD}
deny contains {"rule": "bench.path", "finding": words} if {
	some path in input.message.payload.args.paths
	not startswith(path, "/workspace/")
	words := concat(" ", ["writes outside the workspace:", path])
}

deny contains {"rule": "bench.amount", "finding": "too much"} if input.message.payload.args.amount > 10000

deny contains {"rule": "bench.role", "finding": "needs a lead"} if {
	input.job_meta.environment == "prod"
	not lead
}

lead if "SRE_LEAD" in input.principal.roles
`,
};

const INPUT = {
  principal: { id: "agent-7", kind: "agent", roles: ["CODER", "SRE_LEAD"], tenant: "acme", authenticated_by: "config" },
  job_meta: {
    job_id: "job-1",
    topic: "job.code.write",
    tenant: "acme",
    environment: "prod",
    priority: 5,
    sla_ms: 60000,
    risk_tags: ["write"],
    labels: { team: "a" },
  },
  message: {
    subject: "tenant.acme.code.write",
    tokens: ["tenant", "acme", "code", "write"],
    reply: "_INBOX.x.y",
    headers: { "nats-msg-id": ["1"] },
    size_bytes: 128,
    format: "json",
    payload: { tool: "write", args: { paths: ["/workspace/a.ts", "/workspace/b.ts"], amount: 12 } },
    payload_sha256: "00",
    effects: [{ kind: "reply", subject: "_INBOX.x.y" }],
  },
  cost_estimate: { tokens_in: 10, tokens_out: 20, usd_micros: 30, wall_ms: 40 },
  budget_state: {},
  context: { session: { id: "s", declared: {} }, labels: [], hop_count: 0, source: "sidecar" },
  now_ns: "1700000000000000000",
};

const rows = Object.entries(POLICIES).map(([name, rego]) => measure(name, compile(rego)));
console.table(rows);
console.log(JSON.stringify({ rows }));

function measure(name, files) {
  const bundle = openBundle(writeBundle(files), { unsigned: "accept", nowNs: 0n });
  const policy = createPolicy(bundle);
  const wasm = createPolicy(openBundle(writeBundle(files), { unsigned: "accept", nowNs: 0n, tier: "wasm" }));
  const plain = opaWasm.loadPolicySync(files.get("policy.wasm"));
  plain.setData(JSON.parse(Buffer.from(files.get("data.json")).toString()));
  const text = canonicalJson(INPUT);
  const contenders = {
    engine: () => policy.evaluate(INPUT),
    engine_with_text: () => policy.evaluate(INPUT, text),
    tier_w_with_text: () => wasm.evaluate(INPUT, text),
    opa_wasm: () => plain.evaluate(INPUT, ENTRYPOINT),
  };
  const answer = contenders.engine();
  if (!answer.ok || answer.findings.length !== 1) throw new Error(`${name}: ${JSON.stringify(answer)}`);
  const rates = ratesOf(contenders);
  const row = { policy: name, input_bytes: text.length };
  for (const [key, perSecond] of Object.entries(rates)) row[`${key}_per_s`] = Math.round(perSecond);
  row.ratio = Number((rates.engine / rates.opa_wasm).toFixed(2));
  return row;
}

/** The median over short slices taken in turns, so that a slow moment of the machine hits all alike. */
function ratesOf(contenders) {
  const slices = Object.fromEntries(Object.keys(contenders).map((key) => [key, []]));
  const end = performance.now() + Number(options.seconds) * 1000 * Object.keys(contenders).length;
  while (performance.now() < end) for (const [key, run] of Object.entries(contenders)) slices[key].push(slice(run));
  return Object.fromEntries(
    Object.entries(slices).map(([key, rates]) => [key, median(rates.slice(rates.length >> 2))]),
  );
}

function slice(run) {
  const start = performance.now();
  let count = 0;
  let now = start;
  for (; now - start < SLICE_MS; now = performance.now()) {
    for (let i = 0; i < 64; i++) run();
    count += 64;
  }
  return (count * 1000) / (now - start);
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
}

function compile(rego) {
  const local = fileURLToPath(new URL("../../../.tools/bin/opa", import.meta.url));
  const opa = process.env.OPA ?? (statSync(local, { throwIfNoEntry: false }) === undefined ? "opa" : local);
  const folder = mkdtempSync(join(tmpdir(), "cortexos-bench-"));
  try {
    const policy = { format: 1, revision: 1, entrypoint: ENTRYPOINT, require_allow: false };
    const lists = { modifiable: [], payloads: [], records: [], strict_order: [], builtins: [] };
    const manifest = { revision: "bench", roots: ["cortexos"], metadata: { cortexos: { ...policy, ...lists } } };
    mkdirSync(join(folder, "src"));
    writeFileSync(join(folder, "src", "main.rego"), rego);
    writeFileSync(join(folder, "src", ".manifest"), JSON.stringify(manifest));
    for (const target of ["wasm", "plan"]) {
      const args = ["build", "-t", target, "-e", ENTRYPOINT, "-b", "src", "-o", `${target}.tar.gz`];
      execFileSync(opa, args, { cwd: folder });
    }
    const wasm = readArchive(readFileSync(join(folder, "wasm.tar.gz")));
    const plan = readArchive(readFileSync(join(folder, "plan.tar.gz"))).get("plan.json");
    const kept = [...wasm].filter(([path]) => !path.endsWith(".rego"));
    return new Map([...kept, ["main.rego", Buffer.from(rego)], ["plan.json", plan]]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
