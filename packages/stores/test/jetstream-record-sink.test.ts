import { jetstream, jetstreamManager, RetentionPolicy, type StreamConfig } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { startNatsServer, startTcpProxy, eventually, type NatsServer, type NatsServerOptions } from "@cortexos/devkit";
import { createTrailVerifier, readSeal, type TrailReport } from "@cortexos/audit";
import type { AuditRecord } from "@cortexos/protocol";
import { describe, expect, it, onTestFinished } from "vitest";
import { AUDIT_STREAM, AUDIT_SUBJECT, openJetStreamRecordSink, type StoredRecordSink } from "../src/index.ts";
import { describeRecordSink, type SinkSubject } from "../src/test/record-sink-suite.ts";
import { sampleRecord } from "../src/test/samples.ts";

async function startServer(options?: NatsServerOptions): Promise<NatsServer> {
  const server = await startNatsServer(options);
  onTestFinished(() => server.stop());
  return server;
}

async function connectTo(url: string): Promise<NatsConnection> {
  const connection = await connect({ servers: url, reconnectTimeWait: 20, maxReconnectAttempts: -1 });
  onTestFinished(() => connection.close());
  return connection;
}

/** Every record of the stream, read over a connection of its own, past the sink. */
async function readStream(url: string): Promise<readonly AuditRecord[]> {
  const connection = await connect({ servers: url });
  try {
    const { streams } = await jetstreamManager(connection);
    const { state } = await streams.info(AUDIT_STREAM);
    const records: AuditRecord[] = [];
    for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0; seq++) {
      const text = (await streams.getMessage(AUDIT_STREAM, { seq }))?.string() ?? "";
      for (const line of text.split("\n").filter((part) => part !== "" && readSeal(part) === undefined))
        records.push(JSON.parse(line) as AuditRecord);
    }
    return records;
  } finally {
    await connection.close();
  }
}

/** What the verifier says of the stream. */
async function verifyStream(url: string): Promise<TrailReport> {
  const connection = await connectTo(url);
  const { streams } = await jetstreamManager(connection);
  const { state } = await streams.info(AUDIT_STREAM);
  const verifier = createTrailVerifier();
  for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
    const text = (await streams.getMessage(AUDIT_STREAM, { seq }))?.string() ?? "";
    for (const line of text.split(/(?<=\n)/)) verifier.line(line);
  }
  return verifier.finish();
}

async function open(options?: NatsServerOptions): Promise<SinkSubject & { readonly server: NatsServer }> {
  const server = await startServer(options);
  const sink = await openJetStreamRecordSink({ connection: await connectTo(server.url), writer: "w" });
  return { server, sink, stored: () => readStream(server.url) };
}

const append = async (sink: StoredRecordSink, n: number): Promise<void> => sink.append(sampleRecord(n));

describeRecordSink("openJetStreamRecordSink", open);

const UNSAFE: readonly (readonly [setting: string, config: Partial<StreamConfig>])[] = [
  ["discard", { discard: "old" }],
  ["deny_delete", { deny_delete: false }],
  ["deny_purge", { deny_purge: false }],
  ["allow_rollup_hdrs", { deny_purge: false, allow_rollup_hdrs: true }],
  ["allow_msg_ttl", { allow_msg_ttl: true }],
  ["storage", { storage: "memory" }],
  ["retention", { retention: RetentionPolicy.Interest }],
  ["subjects", { subjects: ["sys.audit.other"] }],
  ["max_age", { max_age: 86_400_000_000_000 }],
  ["max_msgs_per_subject", { max_msgs_per_subject: 10 }],
  ["no_ack", { no_ack: true }],
  ["subject_transform", { subject_transform: { src: AUDIT_SUBJECT, dest: "elsewhere" } }],
];

describe("openJetStreamRecordSink", () => {
  it("makes a stream in which nothing can be deleted, purged or rolled up", async () => {
    const { server } = await open();
    const { streams } = await jetstreamManager(await connectTo(server.url));
    const { config } = await streams.info(AUDIT_STREAM);
    expect(config).toMatchObject({
      deny_delete: true,
      deny_purge: true,
      discard: "new",
      storage: "file",
      subjects: [AUDIT_SUBJECT, `${AUDIT_SUBJECT}.>`],
    });
    await expect(streams.purge(AUDIT_STREAM)).rejects.toThrow("purge not permitted");
  });

  it("carries many records in one publish, each batch under an id of its own", async () => {
    const { server, sink } = await open();
    await Promise.all(Array.from({ length: 1_000 }, async (_, n) => append(sink, n)));
    const { appendedCount, batchCount } = sink.counters();
    expect(appendedCount).toBe(1_000);
    expect(batchCount).toBeLessThan(20);
    const { streams } = await jetstreamManager(await connectTo(server.url));
    const message = await streams.getMessage(AUDIT_STREAM, { seq: 1 });
    expect(message?.header.get("Nats-Msg-Id")).toMatch(/^w\/[0-9a-f]{32}\/0$/);
    expect((await streams.info(AUDIT_STREAM)).state.messages).toBe(batchCount);
  });

  it("keeps batches within the server's max_payload, and refuses a record that never fits", async () => {
    const { sink, stored } = await open({ configText: "max_payload: 8192" });
    await Promise.all(Array.from({ length: 40 }, async (_, n) => append(sink, n)));
    expect(await stored()).toHaveLength(40);
    expect(sink.counters().batchCount).toBeGreaterThan(3);
    const big = async (): Promise<void> => sink.append(sampleRecord(1, { reason: "x".repeat(8_192) }));
    await expect(big()).rejects.toMatchObject({ code: "record.too_big" });
  });

  it("rejects a batch whose id somebody took before it", async () => {
    const { server, sink } = await open();
    await append(sink, 1);
    const thief = await connectTo(server.url);
    const { streams } = await jetstreamManager(thief);
    const taken = (await streams.getMessage(AUDIT_STREAM, { seq: 1 }))?.header.get("Nats-Msg-Id").replace(/0$/, "1");
    await jetstream(thief).publish(`${AUDIT_SUBJECT}.thief`, "", { msgID: taken ?? "" });
    await expect(append(sink, 2)).rejects.toMatchObject({ code: "sink.refused" });
    await append(sink, 3);
  });

  it("keeps what it acknowledged when the server is killed", async () => {
    const { server, sink, stored } = await open({ syncAlways: true });
    await append(sink, 1);
    await server.kill();
    await server.restart();
    expect((await stored()).map((record) => record.record_id)).toEqual(["w/e/1"]);
  });

  it("rejects what the server was killed under, refuses while it is away, and goes on when it is back", async () => {
    const { server, sink, stored } = await open();
    await append(sink, 1);
    process.kill(server.pid(), "SIGSTOP");
    const unanswered = append(sink, 2);
    const outcome = unanswered.then(
      () => "stored",
      (reason: { code: string }) => reason.code,
    );
    await server.kill();
    expect(await outcome).toMatch(/^sink\./);
    await eventually(() =>
      append(sink, 3).then(
        () => false,
        (reason: { code: string }) => reason.code === "sink.away",
      ),
    );
    await server.restart();
    await eventually(() => append(sink, 4).then(() => true));
    const ids = (await stored()).map((record) => record.record_id);
    expect(ids[0]).toBe("w/e/1");
    expect(ids).toContain("w/e/4");
    expect(ids).not.toContain("w/e/3");
  });

  it("stops once another process writes under its name, which goes on with the chain", async () => {
    const { server, sink, stored } = await open();
    await append(sink, 1);
    const other = await openJetStreamRecordSink({ connection: await connectTo(server.url), writer: "w" });
    await append(other, 2);
    await expect(append(sink, 3)).rejects.toMatchObject({ code: "sink.refused" });
    await expect(append(sink, 4)).rejects.toMatchObject({ code: "sink.fenced" });
    await expect(append(sink, 5)).rejects.toMatchObject({ code: "sink.fenced" });
    await append(other, 6);
    expect((await stored()).map((record) => record.record_id)).toEqual(["w/e/1", "w/e/2", "w/e/6"]);
    expect(await verifyStream(server.url)).toMatchObject({ integrity: "pass", completeness: "pass" });
  });

  it("continues the chain after a batch that was stored though nobody said so", async () => {
    const server = await startServer();
    const proxy = await startTcpProxy({ port: server.port });
    onTestFinished(() => proxy.close());
    const connection = await connectTo(proxy.url);
    const sink = await openJetStreamRecordSink({ connection, writer: "w", limits: { ackMsMax: 200 } });
    await append(sink, 1);
    proxy.setFaults({ latencyMs: 500 });
    await expect(append(sink, 2)).rejects.toMatchObject({ code: "sink.timeout" });
    proxy.setFaults({});
    await eventually(async () => (await readStream(server.url)).length === 2);
    await eventually(() => append(sink, 3).then(() => true));
    const report = await verifyStream(server.url);
    expect(report).toMatchObject({ integrity: "pass", completeness: "pass", faults: [] });
  });

  it("rejects when no acknowledgement comes in time", async () => {
    const server = await startServer();
    const proxy = await startTcpProxy({ port: server.port });
    onTestFinished(() => proxy.close());
    const connection = await connectTo(proxy.url);
    const sink = await openJetStreamRecordSink({ connection, writer: "w", limits: { ackMsMax: 100 } });
    await append(sink, 1);
    proxy.setFaults({ blackHole: true });
    await expect(append(sink, 2)).rejects.toMatchObject({ code: "sink.timeout" });
    expect(await readStream(server.url)).toHaveLength(1);
  });

  it("rejects when the stream is full, and loses nothing that was acknowledged", async () => {
    const server = await startServer();
    await addStream(server, { max_bytes: 8_192 });
    const sink = await openJetStreamRecordSink({ connection: await connectTo(server.url), writer: "w" });
    let storedCount = 0;
    const fill = async (): Promise<void> => {
      for (;;) await append(sink, storedCount++);
    };
    await expect(fill()).rejects.toMatchObject({
      code: "sink.refused",
      message: expect.stringContaining("maximum bytes"),
    });
    expect(await readStream(server.url)).toHaveLength(storedCount - 1);
  });

  it("refuses everything after a reconnect to a stream that was made unsafe meanwhile", async () => {
    const server = await startServer();
    const proxy = await startTcpProxy({ port: server.port });
    onTestFinished(() => proxy.close());
    await addStream(server, { allow_rollup_hdrs: false });
    const sink = await openJetStreamRecordSink({ connection: await connectTo(proxy.url), writer: "w" });
    const { streams } = await jetstreamManager(await connectTo(server.url));
    await streams.update(AUDIT_STREAM, { discard: "old" });
    proxy.cut();
    await eventually(() =>
      append(sink, 1).then(
        () => false,
        (reason: { code: string }) => reason.code === "stream.unsafe",
      ),
    );
    await expect(append(sink, 2)).rejects.toMatchObject({ code: "stream.unsafe" });
  });

  it.each(UNSAFE)("refuses a stream that could lose records by its %s", async (setting, config) => {
    const server = await startServer();
    await addStream(server, config);
    const opened = openJetStreamRecordSink({ connection: await connectTo(server.url), writer: "w" });
    await expect(opened).rejects.toMatchObject({ code: "stream.unsafe", message: expect.stringContaining(setting) });
  });

  it("says so when JetStream is not there", async () => {
    const server = await startServer({ jetStream: false });
    const opened = openJetStreamRecordSink({ connection: await connectTo(server.url), writer: "w" });
    await expect(opened).rejects.toMatchObject({ code: "stream.unavailable" });
  });
});

async function addStream(server: NatsServer, config: Partial<StreamConfig>): Promise<void> {
  const { streams } = await jetstreamManager(await connectTo(server.url));
  const safe = { deny_delete: true, deny_purge: true, discard: "new", storage: "file" } as const;
  await streams.add({ name: AUDIT_STREAM, subjects: [`${AUDIT_SUBJECT}.>`], ...safe, ...config });
}
