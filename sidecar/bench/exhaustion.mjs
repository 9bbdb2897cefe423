// `npm run exhaustion [-- seconds a phase]`: an honest client's latency and the sidecar's memory while hostile clients attack, beside its quiet
// figures in the same run. One JSON object for each phase, and one for the whole; exit 1 when a bound is broken.
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { eventually, startProcess } from "@cortexos/devkit";
import { startBenchStack } from "./bench-stack.mjs";

const SECONDS = Number(process.argv[2] ?? 10);
const GAP_MS = 5;
/** Time for all of one kind to be at it. */
const READY_MS_MAX = 120_000;
/** Time for all of them to be gone. */
const GONE_MS_MAX = 600_000;
const SUBJECT = "bench.honest";
const ATTACKER = path.join(path.dirname(fileURLToPath(import.meta.url)), "exhaustion-attacker.mjs");
const IDLE_CONNECTIONS = 5_000;
const MIB = 1_048_576;
const KEPT_BYTES_MAX = 128 * MIB;

/** The honest client's p99 may be so many times its quiet one. */
const P99_RATIO_MAX = 2;
/** Memory of an open connection that keeps nothing, two sockets and the session. */
const CONNECTION_BYTES_MAX = 64 * 1024;
/** What is kept may take twice its bytes, and as much again until it is collected. */
const KEPT_FACTOR = 4;

const FLOODS = [
  ["ping", 8],
  ["sub", 8],
  ["refused", 8],
];
const IDLE = ["idle", IDLE_CONNECTIONS];
const PHASES = [
  { name: "PING flood", attacks: [["ping", 8]] },
  { name: "SUB flood", attacks: [["sub", 8]] },
  { name: "refused flood", attacks: [["refused", 8]] },
  { name: "comings and goings", attacks: [["churn", 32]], warmMs: 15_000 },
  { name: "drips", attacks: [["drip", 500]] },
  { name: "hoards", attacks: [["hoard", 500]] },
  { name: "deaf readers", attacks: [["deaf", 50]], publishes: true },
  { name: "idle", attacks: [IDLE] },
  { name: "idle, floods and drips", attacks: [IDLE, ...FLOODS, ["drip", 100]] },
];

process.env.CORTEXOS_LIMITS_CONNECTION_COUNT_MAX = "8000";
process.env.CORTEXOS_LIMITS_PEER_CONNECTION_COUNT_MAX = "8000";
// So that the idle ones are there soon; comings and goings are paced by it too.
process.env.CORTEXOS_LIMITS_CONNECTIONS_PER_SECOND_MAX = "200";
process.env.CORTEXOS_LIMITS_KEPT_BYTES_MAX = String(KEPT_BYTES_MAX);
const stack = await startBenchStack(["allow-all"]);
const { port, adminPort, process: sidecar } = stack.sidecars["allow-all"];
await measure(2);
const baseRssMb = rssMb();
const quiet = [];
const attacked = [];
for (const phase of PHASES) {
  quiet.push(report({ phase: "quiet", ...(await measure(SECONDS)) }));
  attacked.push(report(await runPhase(phase)));
}
quiet.push(report({ phase: "quiet", ...(await measure(SECONDS)) }));
await stack.stop();

// What else the machine does shows in the quiet figures too: the one in the middle is the yardstick.
const quietP99Us = quiet.map(({ p99Us }) => p99Us).sort((a, b) => a - b)[Math.floor(quiet.length / 2)];
const p99Ratios = Object.fromEntries(
  attacked.map(({ phase, p99Us }) => [phase, Number((p99Us / quietP99Us).toFixed(2))]),
);
const rssMbBound = Math.round(
  baseRssMb + (IDLE_CONNECTIONS * CONNECTION_BYTES_MAX + KEPT_FACTOR * KEPT_BYTES_MAX) / MIB,
);
const rssMbMax = Math.max(...attacked.map((phase) => phase.rssMbMax));
console.log(JSON.stringify({ quietP99Us, p99Ratios, p99RatioMax: P99_RATIO_MAX, baseRssMb, rssMbMax, rssMbBound }));
const isSlow = Object.values(p99Ratios).some((ratio) => ratio > P99_RATIO_MAX);
process.exit(isSlow || rssMbMax > rssMbBound ? 1 : 0);

function report(result) {
  console.log(JSON.stringify(result));
  return result;
}

async function runPhase({ name, attacks, publishes = false, warmMs = 0 }) {
  const attackers = [];
  for (const [kind, count] of attacks) attackers.push(await startAttacker(kind, count));
  const flood = publishes ? startPublishing() : undefined;
  // Longer than what may come at once.
  await new Promise((resolve) => setTimeout(resolve, warmMs));
  const measured = await measure(SECONDS);
  flood?.stop();
  const connections = await metric("cortexos_connections ");
  const keptMb = Math.round((await metric("cortexos_kept_bytes ")) / MIB);
  for (const attacker of attackers) await attacker.stop();
  // What a flood sent before it left is worked on all the same, at its pace.
  await eventually(async () => (await metric("cortexos_connections ")) === 0, { timeoutMs: GONE_MS_MAX });
  return { phase: name, ...measured, connections, keptMb };
}

async function startAttacker(kind, count) {
  return startProcess(process.execPath, [ATTACKER, kind, String(port), String(count)], {
    ready: async (starting) => starting.waitForLog(/attacking/, READY_MS_MAX),
  });
}

/** Time of an honest client's message from the sidecar to a subscriber behind it. */
async function measure(seconds) {
  const [receiver, sender] = [await open(stack.natsPort), await open(port)];
  const tookUs = [];
  let rssMbMax = 0;
  receiver.socket.write(`SUB ${SUBJECT} 1\r\n`);
  await receiver.ping();
  receiver.onMessage = (body) => tookUs.push((performance.now() - Number(body)) * 1_000);
  const endMs = performance.now() + seconds * 1_000;
  while (performance.now() < endMs) {
    const body = String(performance.now());
    sender.socket.write(`PUB ${SUBJECT} ${body.length}\r\n${body}\r\n`);
    if (tookUs.length % 20 === 0) rssMbMax = Math.max(rssMbMax, rssMb());
    await new Promise((resolve) => setTimeout(resolve, GAP_MS));
  }
  await sender.ping();
  await receiver.ping();
  for (const { socket } of [sender, receiver]) socket.destroy();
  tookUs.sort((a, b) => a - b);
  const at = (q) => Math.round(tookUs[Math.min(tookUs.length - 1, Math.floor(q * tookUs.length))]);
  return { messages: tookUs.length, p50Us: at(0.5), p99Us: at(0.99), maxUs: at(1), rssMb: rssMb(), rssMbMax };
}

/** Fills the deaf readers' buffers from behind the sidecar. */
function startPublishing() {
  const socket = connect({ port: stack.natsPort, host: "127.0.0.1" });
  socket.on("error", () => {});
  socket.resume();
  socket.write('CONNECT {"verbose":false}\r\n');
  const frame = Buffer.from(`PUB bench.flood 65536\r\n${"x".repeat(65_536)}\r\n`);
  const timer = setInterval(() => socket.write(frame), 10);
  return {
    stop: () => {
      clearInterval(timer);
      socket.destroy();
    },
  };
}

async function open(toPort) {
  const socket = connect({ port: toPort, host: "127.0.0.1", noDelay: true });
  const client = { socket, onMessage: () => {}, pongs: [] };
  let rest = "";
  socket.on("data", (bytes) => {
    rest += bytes.toString("latin1");
    for (let end = rest.indexOf("\r\n"); end !== -1; end = rest.indexOf("\r\n")) {
      const line = rest.slice(0, end);
      rest = rest.slice(end + 2);
      if (line === "PONG") client.pongs.shift()?.();
      else if (line === "PING") socket.write("PONG\r\n");
      else if (line.startsWith("-ERR")) throw new Error(`the server answered ${line}`);
      // A message's line is followed by its body, which is a time.
      else if (/^[\d.]+$/.test(line)) client.onMessage(line);
    }
  });
  client.ping = async () =>
    new Promise((resolve) => {
      client.pongs.push(resolve);
      socket.write("PING\r\n");
    });
  socket.write('CONNECT {"verbose":false,"pedantic":false,"protocol":1,"headers":true}\r\n');
  await client.ping();
  return client;
}

async function metric(name) {
  const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
  return Number(
    text
      .split("\n")
      .find((line) => line.startsWith(name))
      ?.slice(name.length),
  );
}

function rssMb() {
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${sidecar.pid}/status`, "utf8"))[1]) / 1024);
}
