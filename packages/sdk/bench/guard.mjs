// What a guard costs a publish: guarded beside unguarded connections of both clients, in one run, on one nats-server, with a policy that allows everything.
// `decisionUs` is what the gate takes by itself for a decision and its record; `guardUs` what the guard adds to that and to the client.
// `buffered`: records of a class that may stand for runs; `durable`: one decision and one record for each message, kept in memory.
// Run after a build: node packages/sdk/bench/guard.mjs
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { buildBundle, openNativeOpa, readPackTree } from "@cortexos/compiler";
import { createTempDir, startNatsServer } from "@cortexos/devkit";
import { createPolicy, openBundle } from "@cortexos/engine";
import { createGate } from "@cortexos/kernel";
import { createMemoryRecordSink, createSystemClock, systemTimers } from "@cortexos/stores";
import { connect } from "@nats-io/transport-node";
import { connect as connectV2 } from "nats";

const importStartMs = performance.now();
const { guard } = await import("../dist/index.js");
const importMs = performance.now() - importStartMs;

const PAYLOAD = Buffer.alloc(128, "x");
const SUBJECT = "agent.bench.tool.search";
const BATCH = 100;
const BATCHES = 150;
const ROUNDS = 5;

const RULE = `# METADATA
# title: Allow all
# description: Allows whatever comes.
package cortexos.rules.bench.allow_all

allow contains {"reason": "everything is allowed"}
`;

async function buildAllowAll(folder, name, durability) {
  const root = path.join(folder, name);
  mkdirSync(path.join(root, "bench", "allow_all"), { recursive: true });
  const records = [{ subjects: ">", durability }];
  writeFileSync(path.join(root, "bundle.json"), JSON.stringify({ revision: 1, require_allow: true, records }));
  writeFileSync(
    path.join(root, "bench", "pack.json"),
    JSON.stringify({ name: "bench", version: "0.1.0", title: "Benchmark" }),
  );
  writeFileSync(path.join(root, "bench", "allow_all", "allow_all.rego"), RULE);
  const opa = await openNativeOpa({ env: process.env, from: [import.meta.dirname] });
  return (await buildBundle(readPackTree(root), { opa })).bytes;
}

/** One round: the time of publishing itself, batch by batch, and of everything until the server has it. */
async function measure(nc) {
  const perPublishUs = [];
  const startMs = performance.now();
  for (let batch = 0; batch < BATCHES; batch++) {
    const batchStartNs = process.hrtime.bigint();
    for (let i = 0; i < BATCH; i++) nc.publish(SUBJECT, PAYLOAD);
    perPublishUs.push(Number(process.hrtime.bigint() - batchStartNs) / 1_000 / BATCH);
    await nc.flush();
  }
  const seconds = (performance.now() - startMs) / 1_000;
  return { perPublishUs, messagesPerSecond: (BATCH * BATCHES) / seconds };
}

/** What the gate itself takes for one decision and its record, without a guard around it. */
function measureGate(bundle) {
  const clock = createSystemClock();
  const policy = createPolicy(openBundle(bundle, { unsigned: "accept", nowNs: clock.nowNs() }));
  const gate = createGate({
    policies: { current: () => policy },
    clock,
    timers: systemTimers,
    records: createMemoryRecordSink({ countMax: 1_000 }),
    origin: { writer: "bench", epoch: 1 },
  });
  const principal = { id: "bench", kind: "agent", roles: [], tenant: "acme", authenticated_by: "config" };
  const session = { id: "bench", declared: {} };
  const caller = { principal, environment: "bench", labels: {}, source: "sdk", session };
  const message = { subject: SUBJECT, reply: "", headers: [], payload: PAYLOAD };
  const perMessageUs = [];
  for (let batch = 0; batch < BATCHES; batch++) {
    const startNs = process.hrtime.bigint();
    for (let i = 0; i < BATCH; i++) gate.submit(message, caller).done("released");
    perMessageUs.push(Number(process.hrtime.bigint() - startNs) / 1_000 / BATCH);
  }
  return perMessageUs;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const folder = createTempDir("sdk-bench");
const nats = await startNatsServer({ jetStream: false });
const bundles = {
  buffered: await buildAllowAll(folder.path, "buffered", "buffered"),
  durable: await buildAllowAll(folder.path, "durable", "durable"),
};
const options = (bundle) => ({
  bundle,
  trust: { unsigned: "accept" },
  principal: { id: "bench", tenant: "acme" },
  environment: "bench",
});
const lines = {
  "nats 2": (to) => connectV2({ servers: to }),
  "transport-node 3": (to) => connect({ servers: to }),
};
for (const [line, open] of Object.entries(lines)) {
  const connections = { unguarded: await open(nats.url) };
  for (const [name, bundle] of Object.entries(bundles)) {
    connections[name] = guard(await open(nats.url), options(bundle));
  }
  const gateUs = [];
  const rounds = Object.fromEntries(Object.keys(connections).map((name) => [name, []]));
  // One after the other within each round, so that all of them see the same machine.
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, nc] of Object.entries(connections)) {
      const measured = await measure(nc);
      // The first one warms up.
      if (round > 0) rounds[name].push(measured);
    }
    const measuredGate = measureGate(bundles.durable);
    if (round > 0) gateUs.push(...measuredGate);
  }
  const p50Us = (name) => median(rounds[name].flatMap(({ perPublishUs }) => perPublishUs));
  const perSecond = (name) => Math.round(median(rounds[name].map(({ messagesPerSecond }) => messagesPerSecond)));
  for (const name of Object.keys(bundles)) {
    const overUs = p50Us(name) - p50Us("unguarded");
    const decisionUs = name === "durable" ? median(gateUs) : 0;
    const result = {
      name: `guard/${line}/${name}`,
      unguardedP50Us: Number(p50Us("unguarded").toFixed(3)),
      guardedP50Us: Number(p50Us(name).toFixed(3)),
      decisionUs: Number(decisionUs.toFixed(3)),
      guardUs: Number((overUs - decisionUs).toFixed(3)),
      unguardedPerSecond: perSecond("unguarded"),
      guardedPerSecond: perSecond(name),
    };
    console.log(JSON.stringify(result));
  }
  for (const nc of Object.values(connections)) await nc.close();
}
console.log(JSON.stringify({ name: "guard/import", importMs: Number(importMs.toFixed(1)) }));
await nats.stop();
folder.remove();
