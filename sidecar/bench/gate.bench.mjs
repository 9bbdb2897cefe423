// Messages a second and added latency of the sidecar, beside a direct connection and a plain Node byte pipe in the same run.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startBenchStack } from "./bench-stack.mjs";

const ROUNDS = 5;
const POLICIES = ["allow-all", "subject-only", "payload"];
const SIZES_BYTES = [128, 1024];
const COUNTS = { direct: 600_000, pipe: 600_000, "allow-all": 600_000, "subject-only": 600_000, payload: 40_000 };
const LATENCY = { perSecond: 1_000, seconds: 4 };
const SUBJECT = "bench.tool.send_money";
const PUBLISHER = path.join(path.dirname(fileURLToPath(import.meta.url)), "raw-publisher.mjs");
const run = promisify(execFile);

const stack = await startBenchStack(POLICIES);
const ways = { direct: stack.natsPort, pipe: stack.pipePort };
for (const policy of POLICIES) ways[policy] = stack.sidecars[policy].port;

const throughput = {};
const latency = {};
for (const size of SIZES_BYTES) {
  throughput[size] = await measureThroughput(size);
  latency[size] = await measureLatency(size);
}
const memory = Object.fromEntries(POLICIES.map((policy) => [policy, rssMb(stack.sidecars[policy].process.pid)]));
const readyMs = Object.fromEntries(POLICIES.map((policy) => [policy, Math.round(stack.sidecars[policy].readyMs)]));
print();
await stack.stop();
console.log(JSON.stringify({ rounds: ROUNDS, throughput, latency, rssMb: memory, readyMs }));
process.exit(0);

// Every way once a round, one after the other, so that a slow moment of the machine meets all of them alike.
async function measureThroughput(size) {
  const rates = Object.fromEntries(Object.keys(ways).map((way) => [way, []]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [way, port] of Object.entries(ways)) {
      const args = ["throughput", String(port), SUBJECT, payloadOf(size), String(COUNTS[way])];
      const { messagesPerSecond } = await publish(args);
      if (round > 0) rates[way].push(messagesPerSecond); // The first round warms up.
    }
  }
  return Object.fromEntries(
    Object.entries(rates).map(([way, all]) => [
      way,
      { messagesPerSecond: median(all), ratioToPipe: median(all.map((rate, i) => rate / rates.pipe[i])), all },
    ]),
  );
}

async function measureLatency(size) {
  const found = Object.fromEntries(Object.keys(ways).map((way) => [way, []]));
  for (let round = 0; round < 3; round++) {
    for (const [way, port] of Object.entries(ways)) {
      const rate = [String(LATENCY.perSecond), String(LATENCY.seconds)];
      found[way].push(
        await publish(["latency", String(port), String(stack.natsPort), SUBJECT, payloadOf(size), ...rate]),
      );
    }
  }
  return Object.fromEntries(
    Object.entries(found).map(([way, all]) => [
      way,
      { p50Us: median(all.map((one) => one.p50Us)), p99Us: median(all.map((one) => one.p99Us)), all },
    ]),
  );
}

async function publish(args) {
  const { stdout } = await run(process.execPath, [PUBLISHER, ...args]);
  return JSON.parse(stdout);
}

function payloadOf(size) {
  const call = { tool: "send_money", args: { recipient: "CH9300762011623852957", amount: 90, note: "" } };
  const bare = JSON.stringify(call).length;
  return JSON.stringify({ ...call, args: { ...call.args, note: "x".repeat(Math.max(0, size - bare)) } });
}

function print() {
  for (const size of SIZES_BYTES) {
    console.log(`\n${size} B`.padEnd(17) + "messages/s    of the pipe      p50 µs      p99 µs");
    for (const way of Object.keys(ways)) {
      const { messagesPerSecond, ratioToPipe } = throughput[size][way];
      const { p50Us, p99Us } = latency[size][way];
      const cells = [
        messagesPerSecond.toLocaleString("en"),
        `${(ratioToPipe * 100).toFixed(0)} %`,
        p50Us.toFixed(0),
        p99Us.toFixed(0),
      ];
      console.log(way.padEnd(14) + cells.map((cell) => cell.padStart(12)).join(" "));
    }
  }
  console.log(`\nresident memory after it, MB: ${JSON.stringify(memory)}; ready after, ms: ${JSON.stringify(readyMs)}`);
}

function rssMb(pid) {
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024);
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
