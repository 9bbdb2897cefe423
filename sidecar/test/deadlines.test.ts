import { eventually } from "@cortexos/devkit";
import { connect } from "@nats-io/transport-node";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { CONNECT, greeted, openAttackField, type AttackField } from "./attack-field.ts";
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

/** Lets one message through in a window; the next waits for its end. */
const ONE_IN_A_WINDOW = `# METADATA
# title: One in a window
# description: Allows everything, slowly.
package cortexos.rules.test.one_in_a_window

allow contains {"reason": "everything is allowed"}

throttle contains {"id": "test.pace", "reason": "slowly", "key": input.message.subject, "rate": 1, "burst": 1, "window_ms": 1500} if input.message.subject == "work.pace"
`;

describe("a deadline", () => {
  let rig: Rig;
  afterEach(async () => {
    await rig.stop();
  });

  it("of a frame doesn't run while its client isn't read", async () => {
    const limits = { frameMs: 300, waitingCountMax: 1, throttleWaitMs: 10_000, drainMs: 100 };
    rig = await startRig({ rego: ONE_IN_A_WINDOW, config: { limits } });
    const [sender, other] = [await greeted(rig.port), await greeted(rig.port)];
    await other.write("PUB work.pace 1\r\n1\r\nPUB work.pace 1\r\n2\r\n");
    await rig.tap.waitFor(1);
    // While the second waits nobody is read: the deadline passes, and this is no fault of the sender's.
    await sender.write("PUB work.begun 5\r\nbe");
    await sender.write("gun\r\nPING\r\n");
    await sender.waitFor("PONG\r\n");
    expect((await rig.tap.flushed()).map(({ text }) => text)).toEqual(["1", "2", "begun"]);
    for (const client of [sender, other]) client.close();
  });

  it("ends a client that takes nothing of what waits for it", async () => {
    const limits = { stallMs: 300, drainMs: 100 };
    rig = await startRig({ rego: ALLOW_ALL, config: { limits } });
    const client = await greeted(rig.port);
    await client.write("SUB flood 1\r\nPING\r\n");
    await client.waitFor("PONG\r\n");
    client.pause();
    const behind = await connect({ servers: rig.nats.url });
    for (let i = 0; i < 400; i++) behind.publish("flood", Buffer.alloc(65_536, 1));
    await behind.flush();
    await eventually(() => violations(rig).length > 0, { what: "the violation" });
    expect(violations(rig)).toEqual(["connection.client_stalled"]);
    await eventually(async () => (await metric(rig, "cortexos_connections")) === 0, { what: "its end" });
    client.close();
    await behind.close();
  });

  it("ends a connection whose server takes nothing", async () => {
    const upstream = await startStalling();
    const limits = { stallMs: 300, drainMs: 100 };
    rig = await startRig({ rego: ALLOW_ALL, config: { limits, upstream: { urls: [upstream.url] } } });
    const client = await greeted(rig.port);
    const message = `PUB work.a 65536\r\n${"x".repeat(65_536)}\r\n`;
    const written = client.write(message.repeat(400)).catch(() => undefined);
    await client.waitForClose();
    expect(violations(rig)).toEqual(["connection.upstream_stalled"]);
    client.close();
    await written;
    upstream.close();
  });
});

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

function violations({ sidecar }: Rig): readonly string[] {
  return sidecar.recentRecords().flatMap((record) => (record.type === "violation" ? [record.code] : []));
}

async function metric({ sidecar }: Rig, name: string): Promise<number> {
  const text = await (await fetch(`http://${sidecar.adminAddress}/metrics`)).text();
  const line = text.split("\n").find((candidate) => candidate.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? 0);
}
