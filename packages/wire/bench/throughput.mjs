// Parser and session throughput: node packages/wire/bench/throughput.mjs (after a build). Prints one JSON object a line.
import { createClientFrameParser, createProxySession } from "@cortexos/wire";

const CHUNK_BYTES = 32_768;
const WARM_UP_MS = 300;
const MEASURE_MS = 1_000;
// Few enough to stay in the processor's cache, where a socket's chunk has just been written.
const MESSAGE_COUNT = 1_000;

const ways = {
  "parse only": parseOnly,
  "standing allow": () => session({ standing: { isCurrent: () => true, account: () => undefined } }),
  "decide allow": () => session({}),
  "decide allow, with sent": () => session({ sent: () => undefined }),
};

for (const payloadBytes of [16, 128, 1_024]) {
  const { chunks, messageCount } = makeChunks(payloadBytes);
  for (const [way, create] of Object.entries(ways)) {
    const feed = create();
    run(feed, chunks, WARM_UP_MS);
    const { rounds, ms } = run(feed, chunks, MEASURE_MS);
    const messages = rounds * messageCount;
    const result = {
      way,
      payloadBytes,
      millionPerSecond: round(messages / ms / 1_000),
      nsPerMessage: round((ms * 1e6) / messages),
    };
    console.log(JSON.stringify(result));
  }
}

function run(feed, chunks, forMs) {
  const start = performance.now();
  const startCpu = process.cpuUsage();
  let rounds = 0;
  do {
    for (const chunk of chunks) feed(chunk);
    rounds++;
  } while (performance.now() - start < forMs);
  // Processor time, not the clock's: the machine may be shared.
  const { user, system } = process.cpuUsage(startCpu);
  return { rounds, ms: (user + system) / 1_000 };
}

function parseOnly() {
  const parser = createClientFrameParser({ controlLineBytesMax: 4_096, payloadBytesMax: 1_048_576 });
  return (chunk) => {
    parser.feed(chunk);
    while (parser.next() !== undefined);
  };
}

function session({ standing, sent }) {
  const verdict = sent === undefined ? { kind: "release" } : { kind: "release", sent };
  const created = createProxySession(
    { leg: { host: "127.0.0.1", port: 4_333, injectsCredentials: false } },
    {
      decide: () => verdict,
      standing: () => standing,
      writeUpstream: () => undefined,
      writeClient: () => undefined,
      setClientPaused: () => undefined,
      close: (fault) => {
        throw new Error(`closed: ${fault?.code}`);
      },
    },
  );
  created.upstreamData(Buffer.from('INFO {"max_payload":1048576}\r\n'));
  created.clientData(Buffer.from('CONNECT {"verbose":false}\r\nPING\r\n'));
  created.upstreamData(Buffer.from("PONG\r\n"));
  return (chunk) => created.clientData(chunk);
}

/** A stream of publishes on a few subjects, cut without regard to frames. */
function makeChunks(payloadBytes) {
  const subjects = ["work.code.review", "work.math.solve", "agent.tools.shell", "telemetry.agent-7.heartbeat"];
  const payload = "x".repeat(payloadBytes);
  const frames = Array.from(
    { length: MESSAGE_COUNT },
    (_, i) => `PUB ${subjects[(i >> 3) % 4]} ${payloadBytes}\r\n${payload}\r\n`,
  );
  const stream = Buffer.from(frames.join(""));
  const chunks = [];
  for (let at = 0; at < stream.length; at += CHUNK_BYTES)
    chunks.push(Buffer.from(stream.subarray(at, at + CHUNK_BYTES)));
  return { chunks, messageCount: frames.length };
}

function round(value) {
  return Math.round(value * 100) / 100;
}
