// `npm run soak [-- minutes]`: 200 connections and a day's shape of traffic, compressed; the sidecar's memory must stay flat.
import { connect } from "@nats-io/transport-node";
import { readFileSync } from "node:fs";
import { startBenchStack } from "./bench-stack.mjs";

const MINUTES = Number(process.argv[2] ?? 10);
const CONNECTIONS = 200;
const PER_SECOND_MAX = 4_000;
const TICK_MS = 50;
const HOURS = 24;
/** Growth of the second half's highest hour over the first half's, in percent, that still counts as flat. */
const GROWTH_PERCENT_MAX = 10;

const stack = await startBenchStack(["payload"]);
const { port, process: sidecar } = stack.sidecars.payload;
const agents = [];
for (let i = 0; i < CONNECTIONS; i++) agents.push(await openAgent());
const hours = [];
const hourMs = (MINUTES * 60_000) / HOURS;
let sent = 0;
let denied = 0;
for (let hour = 0; hour < HOURS; hour++) {
  await simulateHour(hour);
  hours.push({ hour, rssMb: rssMb(), sent, denied });
  console.log(`hour ${String(hour).padStart(2)}  ${rssMb()} MB  ${sent} sent  ${denied} refused`);
}
for (const agent of agents) await agent.close();
await stack.stop();

// The first quarter warms up: compiled code, pools, and buffers come to their size.
const highest = (from, to) => Math.max(...hours.slice(from, to).map((one) => one.rssMb));
const growthPercent = (highest(18, 24) / highest(6, 18) - 1) * 100;
console.log(JSON.stringify({ minutes: MINUTES, connections: CONNECTIONS, sent, denied, growthPercent, hours }));
process.exit(growthPercent <= GROWTH_PERCENT_MAX ? 0 : 1);

async function simulateHour(hour) {
  // Quiet at night, a peak in the afternoon.
  const rate = PER_SECOND_MAX * (0.1 + 0.9 * Math.max(0, Math.sin(((hour - 6) / HOURS) * 2 * Math.PI)));
  const endMs = performance.now() + hourMs;
  let owed = 0;
  while (performance.now() < endMs) {
    owed += (rate * TICK_MS) / 1_000;
    for (; owed >= 1; owed--) publishOne(sent++);
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  // Some agents come and go.
  const index = hour % CONNECTIONS;
  await agents[index].close();
  agents[index] = await openAgent();
}

function publishOne(n) {
  const args = { recipient: "CH9300762011623852957", amount: n % 10 === 0 ? 5_000 : 90, note: `n${n}` };
  agents[n % CONNECTIONS].publish(`bench.tool.t${n % 500}`, JSON.stringify({ tool: "send_money", args }));
}

async function openAgent() {
  const agent = await connect({ servers: `127.0.0.1:${port}`, reconnect: false });
  void (async () => {
    for await (const status of agent.status()) if (status.type === "error") denied++;
  })();
  return agent;
}

function rssMb() {
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${sidecar.pid}/status`, "utf8"))[1]) / 1024);
}
