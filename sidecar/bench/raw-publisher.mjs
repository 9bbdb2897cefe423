// A raw batch publisher in a process of its own, so that making messages costs the measured processes nothing.
// Usage: raw-publisher.mjs throughput <port> <subject> <payload bytes> <distinct payloads> <count>
//        raw-publisher.mjs latency <port> <direct port> <subject> <payload bytes> <messages a second> <seconds>
import { connect } from "node:net";
import { payloads } from "./payloads.mjs";

const CHUNK_BYTES = 32 * 1024;
/** Frames that are made beforehand and sent round and round. */
const FRAMES_COUNT = 40_000;
const [mode, ...rest] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(mode === "throughput" ? await throughput(...rest) : await latency(...rest))}\n`);
process.exit(0);

async function throughput(port, subject, payloadBytes, distinctCount, count) {
  const client = await open(Number(port));
  const chunks = makeChunks(subject, payloads(Number(payloadBytes), Number(distinctCount)), Number(count));
  const rounds = Math.ceil(Number(count) / chunks.frameCount);
  const startNs = process.hrtime.bigint();
  for (let round = 0; round < rounds; round++) {
    for (const chunk of chunks.chunks) {
      if (!client.socket.write(chunk)) await new Promise((resolve) => client.socket.once("drain", resolve));
    }
  }
  await client.ping();
  const seconds = Number(process.hrtime.bigint() - startNs) / 1e9;
  if (client.errors.length > 0) throw new Error(`the server answered ${client.errors[0]}`);
  const messages = rounds * chunks.frameCount;
  return { messages, seconds, messagesPerSecond: Math.round(messages / seconds) };
}

/** Whole frames to a chunk: between two chunks the server's PING may be answered. */
function makeChunks(subject, made, count) {
  const chunks = [];
  const frameCount = Math.min(FRAMES_COUNT, count);
  let open = [];
  for (let i = 0; i < frameCount; i++) {
    open.push(frameOf(subject, made.next().value));
    if (open.length * open[0].length < CHUNK_BYTES && i < frameCount - 1) continue;
    chunks.push(Buffer.concat(open));
    open = [];
  }
  return { chunks, frameCount };
}

function frameOf(subject, payload) {
  return Buffer.from(`PUB ${subject} ${Buffer.byteLength(payload)}\r\n${payload}\r\n`);
}

async function latency(port, directPort, subject, payloadBytes, perSecond, seconds) {
  const receiver = await open(Number(directPort));
  const client = await open(Number(port));
  const total = Number(perSecond) * Number(seconds);
  const sentNs = [];
  const tookUs = [];
  receiver.socket.write(`SUB ${subject} 1\r\n`);
  await receiver.ping();
  const done = new Promise((resolve) => {
    receiver.onMessage = () => {
      tookUs.push(Number(process.hrtime.bigint() - sentNs[tookUs.length]) / 1e3);
      if (tookUs.length === total) resolve();
    };
  });
  const frame = frameOf(subject, payloads(Number(payloadBytes), 1).next().value);
  const gapNs = BigInt(Math.round(1e9 / Number(perSecond)));
  let nextNs = process.hrtime.bigint();
  while (sentNs.length < total) {
    while (process.hrtime.bigint() >= nextNs && sentNs.length < total) {
      sentNs.push(process.hrtime.bigint());
      client.socket.write(frame);
      nextNs += gapNs;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  await done;
  tookUs.sort((a, b) => a - b);
  const at = (q) => tookUs[Math.min(tookUs.length - 1, Math.floor(q * tookUs.length))];
  return { messages: total, p50Us: at(0.5), p99Us: at(0.99) };
}

// Just enough of a NATS client to be out of the way: counts MSG frames by their first line, answers PING.
async function open(port) {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  const client = { socket, errors: [], onMessage: () => {}, pongs: [] };
  let rest = Buffer.alloc(0);
  socket.on("data", (bytes) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    for (;;) {
      const end = rest.indexOf("\r\n");
      if (end === -1) return;
      const line = rest.latin1Slice(0, end);
      const body = line.startsWith("MSG ") ? Number(line.slice(line.lastIndexOf(" ") + 1)) + 2 : 0;
      if (rest.length < end + 2 + body) return;
      rest = rest.subarray(end + 2 + body);
      if (body > 0) client.onMessage();
      else if (line === "PONG") client.pongs.shift()?.();
      else if (line === "PING") socket.write("PONG\r\n");
      else if (line.startsWith("-ERR")) client.errors.push(line);
    }
  });
  client.ping = () =>
    new Promise((resolve) => {
      client.pongs.push(resolve);
      socket.write("PING\r\n");
    });
  const login =
    process.env.BENCH_USER === undefined ? {} : { user: process.env.BENCH_USER, pass: process.env.BENCH_USER };
  socket.write(
    `CONNECT ${JSON.stringify({ verbose: false, pedantic: false, protocol: 1, headers: true, ...login })}\r\n`,
  );
  await client.ping();
  return client;
}
