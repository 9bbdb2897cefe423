import { eventually } from "@cortexos/devkit";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { CONNECT, greeted, openAttackField, type AttackField } from "./attack-field.ts";
import { metric, violationCodes } from "./rig-metrics.ts";
import { startRig, type Rig } from "./sidecar-rig.ts";
import { ALLOW_ALL } from "./test-bundle.ts";

interface Drip {
  readonly shows: string;
  readonly chunks: readonly string[];
  readonly greets?: boolean;
  readonly received: string;
  readonly violations: readonly string[];
  readonly metric: string;
}

/** One byte a write; too few for any limit of bytes. */
const drip = (byte: string): readonly string[] => Array.from({ length: 3_000 }, () => byte);

const late = {
  received: "-ERR 'Stale Connection'\r\n",
  violations: ["wire.frame_late"],
  metric: 'cortexos_faults_total{code="wire.frame_late"}',
} as const;
const early = {
  greets: false,
  received: "-ERR 'Authentication Timeout'\r\n",
  violations: [],
  metric: 'cortexos_connections_refused_total{reason="client_connect"}',
} as const;

const drips: readonly Drip[] = [
  { shows: "nothing at all", chunks: [], ...early },
  { shows: "a CONNECT byte by byte", chunks: ['CONNECT {"name":"', ...drip("x")], ...early },
  { shows: "blanks of a CONNECT without end", chunks: ["CONNECT ", ...drip(" ")], ...early },
  { shows: "PINGs and no CONNECT", chunks: Array.from({ length: 2_000 }, () => "PING\r\n"), ...early },
  {
    shows: "a CONNECT and nothing after it",
    greets: false,
    chunks: [CONNECT],
    received: "",
    violations: [],
    metric: 'cortexos_connections_refused_total{reason="client_first"}',
  },
  { shows: "a word that doesn't end", chunks: ["PU"], ...late },
  { shows: "a control line byte by byte", chunks: ["SUB ", ...drip("a")], ...late },
  { shows: "a control line without its LF", chunks: ["PUB work.a 2\r"], ...late },
  { shows: "a payload byte by byte", chunks: ["PUB work.a 1000000\r\n", ...drip("x")], ...late },
  { shows: "a payload without its end", chunks: ["PUB work.a 2\r\nhi\r"], ...late },
  {
    shows: "a header block byte by byte",
    chunks: ["HPUB work.a 60000 60002\r\nNATS/1.0\r\nA: ", ...drip("x")],
    ...late,
  },
  { shows: "a frame behind many whole ones", chunks: [`${"PUB work.a 0\r\n\r\n".repeat(1_000)}PUB work.a 1`], ...late },
];

describe("a client that drips", () => {
  let field: AttackField;
  beforeAll(async () => {
    // A deadline that a busy machine's honest client keeps: it sends its frames whole.
    const limits = { clientConnectMs: 500, clientFirstMs: 500, frameMs: 500, stallMs: 600_000 };
    field = await openAttackField({ config: { limits } });
  });
  afterAll(async () => field.stop());

  it.each(drips)("is closed after its time, alone, however it goes on: $shows", async (one) => {
    const before = await metric(field.rig, one.metric);
    const end = await field.attack({ chunks: one.chunks, greets: one.greets ?? true, until: "closed" });
    expect(end.received).toMatch(one.received);
    expect(end.received.split("-ERR")).toHaveLength(one.received === "" ? 1 : 2);
    expect(end.violations).toEqual(one.violations);
    expect((await metric(field.rig, one.metric)) - before).toBe(1);
    expect(new Set(end.delivered.map(({ subject }) => subject)).size).toBeLessThanOrEqual(1);
  });

  it("is served when its frames end in time", async () => {
    const end = await field.attack({
      chunks: "PUB work.slow 6\r\nslowly\r\nHPUB work.slow 12 12\r\nNATS/1.0\r\n\r\n\r\n".split(""),
      until: "answered",
    });
    expect(end.delivered.map(({ subject, text }) => [subject, text])).toEqual([
      ["work.slow", "slowly"],
      ["work.slow", ""],
    ]);
  });
});

describe("a deadline", () => {
  let rig: Rig;
  afterEach(async () => {
    await rig.stop();
  });

  it("ends a client that takes nothing of what waits for it", async () => {
    const limits = { stallMs: 300, drainMs: 100 };
    rig = await startRig({ rego: ALLOW_ALL, config: { limits } });
    const client = await greeted(rig.port);
    await client.write("SUB flood 1\r\nPING\r\n");
    await client.waitFor("PONG\r\n");
    client.pause();
    const flood = await floodBehind(rig);
    await eventually(() => violationCodes(rig).length > 0, { what: "the violation" });
    expect(violationCodes(rig)).toEqual(["connection.client_stalled"]);
    await eventually(async () => (await metric(rig, "cortexos_connections")) === 0, { what: "its end" });
    client.close();
    await flood.close();
  });

  it("ends a connection whose server takes nothing", async () => {
    const upstream = await startStalling();
    const limits = { stallMs: 300, drainMs: 100 };
    rig = await startRig({ rego: ALLOW_ALL, config: { limits, upstream: { urls: [upstream.url] } } });
    const client = await greeted(rig.port);
    const message = `PUB work.a 65536\r\n${"x".repeat(65_536)}\r\n`;
    const written = client.write(message.repeat(400)).catch(() => undefined);
    await client.waitForClose();
    expect(violationCodes(rig)).toEqual(["connection.upstream_stalled"]);
    client.close();
    await written;
    upstream.close();
  });
});

/** More than all buffers on the way hold, published behind the sidecar. */
async function floodBehind({ nats }: Rig): Promise<NatsConnection> {
  const behind = await connect({ servers: nats.url });
  for (let i = 0; i < 400; i++) behind.publish("flood", Buffer.alloc(65_536, 1));
  await behind.flush();
  return behind;
}

/** A server that greets, answers the first PING, and takes nothing from then on. */
async function startStalling(): Promise<{ readonly url: string; readonly close: () => void }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    socket.write('INFO {"server_id":"S","version":"2.12.0","headers":true,"max_payload":1048576}\r\n');
    socket.on("data", (chunk: Buffer) => {
      if (!chunk.includes("PING")) return;
      socket.pause();
      socket.write("PONG\r\n");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    url: `nats://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
