// Recorded decisions a second, durable, with many waiting at once: group commit beside one append a message and beside JetStream's own publish.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNatsServer } from "@cortexos/devkit";
import { openFileRecordSink, openJetStreamRecordSink } from "../dist/index.js";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

const SECONDS = 4;
/** Appends that wait at once. */
const WAITING_COUNT = 128;

const record = {
  schema: "cortexos.record/1",
  record_id: "bench/1/1",
  at_ns: "1700000000000000000",
  origin: { writer: "bench", connection: "c-1" },
  type: "decision",
  decision: {
    decision_id: "ab".repeat(16),
    outcome: "ALLOW",
    rule_ids: ["demo.ok"],
    reason: "fine",
    engine: "rego/1",
    bundle_digest: `sha256:${"b".repeat(64)}`,
    input_digest: `sha256:${"c".repeat(64)}`,
    evaluated_at: "1",
  },
  input: {
    principal: { id: "agent-7", kind: "agent", roles: ["OPERATOR"], tenant: "acme", authenticated_by: "config" },
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
      subject: "bench.tool.send",
      tokens: ["bench", "tool", "send"],
      reply: "",
      headers: {},
      size_bytes: 60,
      format: "json",
      payload: { tool: "send", args: { to: "CH93", amount: 90 } },
      payload_sha256: "d".repeat(64),
      effects: [],
    },
    cost_estimate: { tokens_in: 0, tokens_out: 0, usd_micros: 0, wall_ms: 0 },
    budget_state: {},
    context: { session: { id: "c-1", declared: {} }, labels: [], hop_count: 0, source: "sidecar" },
    now_ns: "1700000000000000000",
  },
  answers: { budgets: [], throttles: [] },
  took_ns: 1,
  frame_sha256: `sha256:${"f".repeat(64)}`,
  durability: "durable",
};

/** Keeps so many appends waiting, and times each. */
async function measure(name, append) {
  const latenciesMs = [];
  const endMs = performance.now() + SECONDS * 1_000;
  const startMs = performance.now();
  const worker = async () => {
    while (performance.now() < endMs) {
      const atMs = performance.now();
      await append();
      latenciesMs.push(performance.now() - atMs);
    }
  };
  await Promise.all(Array.from({ length: WAITING_COUNT }, worker));
  const seconds = (performance.now() - startMs) / 1_000;
  const sorted = latenciesMs.sort((a, b) => a - b);
  const at = (share) => Number((sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(2));
  const perSecond = Math.round(sorted.length / seconds);
  console.log(`${name.padEnd(34)} ${perSecond} recorded/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`);
  return { name, perSecond, p50Ms: at(0.5), p99Ms: at(0.99) };
}

const folder = mkdtempSync(join(tmpdir(), "cortexos-bench-"));
const nats = await startNatsServer({ storeDir: join(folder, "jetstream") });
const connection = await connect({ servers: nats.url });
const grouped = await openJetStreamRecordSink({ connection, writer: "grouped" });
const single = await openJetStreamRecordSink({ connection, writer: "single", limits: { batchCountMax: 1 } });
const file = await openFileRecordSink({ path: join(folder, "records.jsonl") });
await (await jetstreamManager(connection)).streams.add({ name: "RAW", subjects: ["raw"], storage: "file" });
const client = jetstream(connection);
const text = `${JSON.stringify(record)}\n`;

const results = [
  await measure("JetStream, group commit", () => grouped.append(record)),
  await measure("JetStream, one append a record", () => single.append(record)),
  await measure("JetStream's own publish", () => client.publish("raw", text)),
  await measure("file, group commit, fdatasync", () => file.append(record)),
];
for (const sink of [grouped, single, file]) await sink.close();
await connection.close();
await nats.stop();
rmSync(folder, { recursive: true, force: true });

const [group, one, raw] = results;
const ratio = (a, b) => Number((a.perSecond / b.perSecond).toFixed(2));
console.log(
  JSON.stringify({
    bench: "record-sinks",
    waitingCount: WAITING_COUNT,
    recordBytes: text.length,
    results,
    groupToOneRatio: ratio(group, one),
    groupToRawRatio: ratio(group, raw),
  }),
);
