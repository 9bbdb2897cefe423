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
/** Payloads that differ where the policy looks: few of them come again and again, all of them more often than the gate remembers. */
const [FEW, MANY] = [16, 40_000];
const LATENCY = { perSecond: 1_000, seconds: 4 };
const SUBJECT = "bench.tool.send_money";
const PUBLISHER = path.join(path.dirname(fileURLToPath(import.meta.url)), "raw-publisher.mjs");
const run = promisify(execFile);

const stack = await startBenchStack(POLICIES);
const { pipe, sidecars } = stack;
const ways = {
  direct: { port: stack.natsPort, count: 600_000, distinct: FEW },
  pipe: { port: pipe.port, pid: pipe.process.pid, count: 600_000, distinct: FEW },
  "allow-all": { ...wayOf("allow-all"), count: 600_000, distinct: FEW },
  "subject-only": { ...wayOf("subject-only"), count: 600_000, distinct: FEW },
  payload: { ...wayOf("payload"), count: 400_000, distinct: FEW },
  "payload, never alike": { ...wayOf("payload"), count: 40_000, distinct: MANY },
};

const throughput = {};
const latency = {};
for (const size of SIZES_BYTES) {
  throughput[size] = await measureThroughput(size);
  latency[size] = await measureLatency(size);
}
const memory = Object.fromEntries(POLICIES.map((policy) => [policy, rssMb(sidecars[policy].process.pid)]));
const readyMs = Object.fromEntries(POLICIES.map((policy) => [policy, Math.round(sidecars[policy].readyMs)]));
print();
await stack.stop();
console.log(JSON.stringify({ rounds: ROUNDS, throughput, latency, rssMb: memory, readyMs }));
process.exit(0);

function wayOf(policy) {
  return { port: sidecars[policy].port, pid: sidecars[policy].process.pid };
}

// Every way once a round, one after the other, so that a slow moment of the machine meets all of them alike.
async function measureThroughput(size) {
  const found = Object.fromEntries(Object.keys(ways).map((way) => [way, { rates: [], cpuUs: [] }]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [way, { port, pid, count, distinct }] of Object.entries(ways)) {
      const beforeMs = cpuMs(pid);
      const args = ["throughput", port, SUBJECT, size, distinct, count].map(String);
      const { messages, messagesPerSecond } = await publish(args);
      if (round === 0) continue; // The first round warms up.
      found[way].rates.push(messagesPerSecond);
      found[way].cpuUs.push(((cpuMs(pid) - beforeMs) * 1_000) / messages);
    }
  }
  const pipeRates = found.pipe.rates;
  const pipeCpuUs = median(found.pipe.cpuUs);
  return Object.fromEntries(
    Object.entries(found).map(([way, { rates, cpuUs }]) => [
      way,
      {
        messagesPerSecond: median(rates),
        ratioToPipe: median(rates.map((rate, i) => rate / pipeRates[i])),
        // What a process spends on a message beyond moving its bytes: engine, parsing, deciding, recording.
        ...(ways[way].pid !== undefined && { cpuUs: median(cpuUs), cpuUsBeyondPipe: median(cpuUs) - pipeCpuUs }),
        all: rates,
      },
    ]),
  );
}

async function measureLatency(size) {
  const found = Object.fromEntries(Object.keys(ways).map((way) => [way, []]));
  for (let round = 0; round < 3; round++) {
    for (const [way, { port }] of Object.entries(ways)) {
      const { perSecond, seconds } = LATENCY;
      found[way].push(await publish(["latency", port, stack.natsPort, SUBJECT, size, perSecond, seconds].map(String)));
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

function print() {
  for (const size of SIZES_BYTES) {
    console.log(`\n${size} B`.padEnd(23) + "messages/s    of the pipe   CPU µs beyond it      p50 µs      p99 µs");
    for (const way of Object.keys(ways)) {
      const { messagesPerSecond, ratioToPipe, cpuUsBeyondPipe } = throughput[size][way];
      const { p50Us, p99Us } = latency[size][way];
      const cells = [
        messagesPerSecond.toLocaleString("en"),
        `${(ratioToPipe * 100).toFixed(0)} %`,
        cpuUsBeyondPipe?.toFixed(2) ?? "",
        p50Us.toFixed(0),
        p99Us.toFixed(0),
      ];
      console.log(way.padEnd(20) + cells.map((cell) => cell.padStart(12)).join(" "));
    }
  }
  console.log(`\nresident memory after it, MB: ${JSON.stringify(memory)}; ready after, ms: ${JSON.stringify(readyMs)}`);
}

/** Processor time of a process so far, in milliseconds, in steps of a clock tick of 10; 0 for what we don't measure. */
function cpuMs(pid) {
  if (pid === undefined) return 0;
  const [userTicks, systemTicks] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ").slice(11, 13);
  return (Number(userTicks) + Number(systemTicks)) * 10;
}

function rssMb(pid) {
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024);
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
