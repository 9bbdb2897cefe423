// Tier C against opa-wasm on one policy and input, in turns within one run; and how time depends on the number of rules.
// After a build: node packages/engine/bench/plan.bench.mjs. Prints JSON.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import opaWasm from "@open-policy-agent/opa-wasm";
import { readArchive } from "../dist/archive.js";
import { createPlanEvaluator } from "../dist/plan/evaluator.js";
import { deriveReads } from "../dist/plan/reads/derive-reads.js";

const SLICES = 40;
const SLICE_MS = 25;
const ENTRYPOINT = "bench/findings";

const local = fileURLToPath(new URL("../../../.tools/bin/opa", import.meta.url));
const opa = process.env.OPA ?? (statSync(local, { throwIfNoEntry: false }) === undefined ? "opa" : local);

const INPUT = {
  message: {
    subject: "job.code.7",
    reply: "_INBOX.a.b",
    headers: { "Nats-Msg-Id": ["abc-123"], traceparent: ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"] },
    payload: {
      model: "large",
      parameters: { max_tokens: 2048, temperature: 0.7 },
      prompt: "Write a function that parses a subject and returns its tokens as a list. ".repeat(7),
    },
  },
  principal: { id: "agent-17", tenant: "acme", roles: ["developer", "reader"], groups: ["eng"] },
  job_meta: { tenant: "acme", environment: "prod", team: "platform" },
  action: { kind: "publish", tool: "job.code" },
  cost_estimate: { usd_micros: 1200 },
  budget_state: { "tenant/acme": { spent: 120_000, limit: 5_000_000 } },
};

const BODIES = [
  (i) => `\tinput.message.subject == "job.code.${i}"\n\tnot "operator" in input.principal.roles`,
  (i) => `\tstartswith(input.message.subject, "sys.reserved${i}.")\n\tinput.principal.tenant != "root"`,
  (i) => `\tinput.action.kind == "kind${i}"\n\tsome role in input.principal.roles\n\trole == "guest${i}"`,
  (i) => `\tinput.message.payload.parameters.max_tokens > ${i * 1000}\n\tinput.message.payload.model == "model-${i}"`,
  (i) =>
    `\tregex.match(\`^agent\\.[a-z]+\\.tool${i}$\`, input.message.subject)\n\tinput.job_meta.environment == "prod"`,
];

function policy(count, body) {
  const rules = Array.from(
    { length: count },
    (_, i) => `deny contains {"rule": "r${i}", "reason": "no"} if {\n${body(i)}\n}\n`,
  );
  return `package bench\n\nfindings := {"deny": deny}\n\n${rules.join("\n")}`;
}

function build(text, target) {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  try {
    writeFileSync(join(folder, "p.rego"), text);
    execFileSync(opa, ["build", "-t", target, "-e", ENTRYPOINT, "-o", "b.tgz", "p.rego"], { cwd: folder });
    const files = readArchive(readFileSync(join(folder, "b.tgz")));
    return (
      files.get(target === "plan" ? "plan.json" : "policy.wasm") ??
      files.get(target === "plan" ? "/plan.json" : "/policy.wasm")
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Medians of microseconds a call, taken in turns so that the machine's moods fall on all alike. */
function measure(subjects) {
  const samples = new Map(Object.keys(subjects).map((name) => [name, []]));
  for (let slice = 0; slice < SLICES; slice += 1) {
    for (const [name, run] of Object.entries(subjects)) {
      const start = performance.now();
      let calls = 0;
      for (; performance.now() - start < SLICE_MS; calls += 20) for (let i = 0; i < 20; i += 1) run();
      if (slice >= SLICES / 4) samples.get(name).push(((performance.now() - start) * 1000) / calls);
    }
  }
  return Object.fromEntries([...samples].map(([name, times]) => [name, median(times)]));
}

function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

const reference = policy(20, (i) => BODIES[i % BODIES.length](i));
const planText = new TextDecoder().decode(build(reference, "plan"));
const wasm = await opaWasm.loadPolicy(build(reference, "wasm"), {}, {});
const [compiled, remembering, interpreted] = [{}, { memoEntriesMax: 1000 }, { mode: "interpreted" }].map((options) =>
  createPlanEvaluator(JSON.parse(planText), {}, options),
);
const times = measure({
  "opa-wasm": () => wasm.evaluate(INPUT),
  evaluate: () => compiled.evaluate(ENTRYPOINT, INPUT),
  evaluateValues: () => compiled.evaluateValues(ENTRYPOINT, INPUT),
  "evaluateValues, remembered": () => remembering.evaluateValues(ENTRYPOINT, INPUT),
  interpreted: () => interpreted.evaluateValues(ENTRYPOINT, INPUT),
});

const flat = [10, 1000, 10_000].map((rules) => {
  const text = new TextDecoder().decode(build(policy(rules, BODIES[0]), "plan"));
  const start = performance.now();
  const evaluator = createPlanEvaluator(JSON.parse(text), {});
  const loadMs = performance.now() - start;
  const { us } = measure({ us: () => evaluator.evaluateValues(ENTRYPOINT, INPUT) });
  return { rules, us, loadMs, planBytes: text.length };
});

const ratios = Object.fromEntries(Object.entries(times).map(([name, us]) => [name, times["opa-wasm"] / us]));
const machine = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length };
const inputBytes = JSON.stringify(INPUT).length;
const reads = deriveReads(JSON.parse(planText), ENTRYPOINT).pointers;
console.log(JSON.stringify({ machine, inputBytes, reads, us: times, ratios, flat }, null, 2));
