import { createTempDir, eventually, startNatsServer, tap, type NatsServer, type Tap } from "@cortexos/devkit";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { guard, openGuard } from "../src/index.ts";
import { guardOptions, LINES, open } from "./agents.ts";
import { ALLOW_ALL, APPROVER, BY_LAST_TOKEN, buildTestBundle, type TestBundle } from "./test-bundle.ts";

interface Line {
  readonly type: string;
  readonly decision?: { readonly outcome: string };
  readonly run?: { readonly count: number };
  readonly result?: string;
  readonly frame_sha256?: string;
}

const linesOf = (text: string): readonly Line[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);

describe.each(LINES)("records of a guard over %s", (line) => {
  let nats: NatsServer;
  let bundle: TestBundle;
  let behind: Tap;
  beforeAll(async () => {
    nats = await startNatsServer();
    bundle = await buildTestBundle(BY_LAST_TOKEN, { strict_order: ["strict.>"] });
    behind = await tap(nats.url, ">");
  });
  afterAll(async () => {
    await behind.close();
    await nats.stop();
  });
  const seen = async (prefix: string): Promise<readonly string[]> =>
    (await behind.flushed()).filter(({ subject }) => subject.startsWith(prefix)).map(({ text }) => text);

  it("are in the file before a message goes", async () => {
    const folder = createTempDir("records");
    const path = join(folder.path, "records.jsonl");
    const nc = await open(line, nats.url, guardOptions(bundle, { records: { kind: "file", path } }));
    const sent = await nc.submit("file.a", "1");
    expect(linesOf(readFileSync(path, "utf8"))[0]?.decision?.outcome).toBe("ALLOW");
    expect(sent.outcome).toBe("ALLOW");
    await nc.close();
    const written = linesOf(readFileSync(path, "utf8")).filter(({ type }) => type === "decision" || type === "outcome");
    const outcomes = written.map((record) => record.result ?? record.decision?.outcome);
    expect(outcomes).toEqual(["ALLOW", "released"]);
    folder.remove();
  });

  it("refuse everything when their file can't be had", async () => {
    const records = { kind: "file", path: "/nowhere/records.jsonl" } as const;
    const nc = await open(line, nats.url, guardOptions(bundle, { records }));
    await expect(nc.ready()).rejects.toMatchObject({ code: "sink.away" });
    await expect(nc.submit("file.b", "1")).rejects.toThrow("record.unavailable");
    expect(existsSync("/nowhere")).toBe(false);
    await nc.close();
  });

  it("are in the stream before a message goes, over another connection", async () => {
    const own = await connect({ servers: nats.url });
    const stream = `AUDIT_${line}`;
    const records = { kind: "jetstream", connection: own, stream, subject: `sys.audit.${line}` } as const;
    const nc = await open(line, nats.url, guardOptions(bundle, { records }));
    await nc.ready();
    nc.publish("stream.a", "1");
    await nc.submit("stream.a", "2");
    await nc.flush();
    expect(await seen("stream.")).toEqual(["1", "2"]);
    const { state } = await (await jetstreamManager(own)).streams.info(stream);
    expect(state.messages).toBeGreaterThan(0);
    const first = await (await jetstream(own).streams.get(stream)).getMessage({ seq: 1 });
    expect(linesOf(first?.string() ?? "")[0]).toMatchObject({ type: "decision", decision: { outcome: "ALLOW" } });
    await nc.close();
    expect(own.isClosed()).toBe(false);
    await own.close();
  });

  it("stand for runs of buffered messages, and are written when the connection closes", async () => {
    const buffered = await buildTestBundle(ALLOW_ALL, { records: [{ subjects: "run.>", durability: "buffered" }] });
    const lines: Line[] = [];
    const sink = { append: (record: object) => void lines.push(record as Line) };
    const nc = await open(line, nats.url, guardOptions(buffered, { records: { kind: "sink", sink } }));
    for (let i = 0; i < 1_000; i++) nc.publish("run.a", `${i}`);
    nc.subscribe("run.other");
    nc.publish("run.b", Buffer.from("b"));
    nc.publish("run.a", "x".repeat(70_000));
    expect(() => {
      nc.publish("run.a", "é".repeat(600_000));
    }).toThrow(/max_payload|MAX_PAYLOAD/);
    await nc.flush();
    expect(await seen("run.")).toEqual([...Array.from({ length: 1_000 }, (_, i) => `${i}`), "b", "x".repeat(70_000)]);
    expect(lines).toEqual([]);
    await nc.close();
    expect(lines.map(({ type, run }) => [type, run?.count])).toEqual([
      ["decision", 1_001],
      ["decision", undefined],
    ]);
  });

  it("are of messages that were sent, also when the connection is closed in the same turn", async () => {
    const buffered = await buildTestBundle(ALLOW_ALL, { records: [{ subjects: "run.>", durability: "buffered" }] });
    const nc = await open(line, nats.url, guardOptions(buffered));
    nc.publish("run.last", "1");
    await nc.close();
    await eventually(async () => (await seen("run.last")).length === 1);
    expect(await seen("run.last")).toEqual(["1"]);
  });

  it("decide each message by itself while somebody watches", async () => {
    const buffered = await buildTestBundle(ALLOW_ALL, { records: [{ subjects: "run.>", durability: "buffered" }] });
    const nc = await open(line, nats.url, guardOptions(buffered));
    const decided: string[] = [];
    nc.on("decision", ({ input }) => void decided.push(input.message.subject));
    for (let i = 0; i < 3; i++) nc.publish("run.a", "");
    expect(decided).toEqual(["run.a", "run.a", "run.a"]);
    await nc.close();
  });

  it("hold back what follows a held message on a subject of strict order", async () => {
    const nc = await open(line, nats.url, guardOptions(bundle));
    nc.publish("strict.hold", "1");
    nc.publish("strict.plain", "2");
    const flushed = nc.flush();
    expect(await seen("strict.")).toEqual([]);
    const [hold] = await nc.approvals.list();
    await nc.approvals.approve(hold?.id ?? "", APPROVER);
    await flushed;
    expect(await seen("strict.")).toEqual(["1", "2"]);
    await nc.close();
  });

  it("say that the end of what was sent while the server was away isn't known, and the guard goes on after", async () => {
    const own = await startNatsServer({ jetStream: false });
    const results: (string | undefined)[] = [];
    const sink = { append: (record: object) => void results.push((record as Line).result) };
    const nc = await open(line, own.url, guardOptions(bundle, { records: { kind: "sink", sink } }));
    await own.kill();
    await eventually(() => !(Reflect.get(nc, "protocol") as { connected: boolean }).connected);
    nc.publish("away.a", "lost or not");
    expect(results).toEqual([undefined, "unknown"]);
    await own.restart();
    await eventually(async () => {
      await nc.flush();
      return true;
    });
    nc.publish("away.b", "");
    await nc.flush();
    expect(results.at(-1)).toBe("released");
    expect(() => {
      nc.publish("away.deny", "");
    }).toThrow("test.deny");
    await nc.close();
    await own.stop();
  });

  it("come from one guard for several connections and tools, which outlives them", async () => {
    const shared = openGuard(guardOptions(bundle));
    const first = guard(await connect({ servers: nats.url }), shared);
    const second = guard(await connect({ servers: nats.url }), shared);
    expect(() => guard(first, shared)).toThrow("guarded already");
    await first.submit("shared.a", "1");
    await first.drain();
    await second.submit("shared.a", "2");
    await second.drain();
    expect(await seen("shared.")).toEqual(["1", "2"]);
    await shared.close();
    await shared.close();
    expect(() => guard({ publish: () => undefined }, shared)).toThrow("no NATS connection that is known: request");
  });
});
