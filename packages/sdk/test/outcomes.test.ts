import { eventually, startNatsServer, tap, type NatsServer, type Tap } from "@cortexos/devkit";
import { createMemoryThrottleStore } from "@cortexos/stores";
import { AckPolicy } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { decisionOf, type Guarded } from "../src/index.ts";
import { guardOptions, js, jsm, LINES, open } from "./agents.ts";
import { APPROVER, BY_LAST_TOKEN, buildTestBundle, type TestBundle } from "./test-bundle.ts";

const EXPECTED_NAME = { v2: "NatsError", v3: "PermissionViolationError" } as const;

describe.each(LINES)("a guarded connection of %s", (line) => {
  let nats: NatsServer;
  let bundle: TestBundle;
  let behind: Tap;
  let nc: Guarded<NatsConnection>;
  beforeAll(async () => {
    nats = await startNatsServer();
    bundle = await buildTestBundle(BY_LAST_TOKEN);
    behind = await tap(nats.url, "t.>");
  });
  afterAll(async () => {
    await behind.close();
    await nats.stop();
  });
  afterEach(async () => {
    await nc.close();
  });
  /** What reached the bus on a subject, once the agent has flushed. */
  const seen = async (subject: string): Promise<readonly string[]> => {
    if (!nc.isClosed()) await nc.flush();
    return (await behind.flushed()).filter((message) => message.subject === subject).map(({ text }) => text);
  };

  it("sends what is allowed, as it was", async () => {
    nc = await open(line, nats.url, guardOptions(bundle));
    nc.publish("t.plain", "hello");
    expect(await seen("t.plain")).toEqual(["hello"]);
  });

  it("throws the client's own permission error for what is denied, and sends nothing", async () => {
    nc = await open(line, nats.url, guardOptions(bundle));
    const statuses: unknown[] = [];
    void (async () => {
      for await (const status of nc.status()) statuses.push(status);
    })();
    const thrown = caught(() => {
      nc.publish("t.x.deny", "hello");
    });
    expect(thrown).toMatchObject({ name: EXPECTED_NAME[line], message: expect.stringContaining("rule=test.deny") });
    expect(decisionOf(thrown)).toMatchObject({ outcome: "DENY", rule_ids: ["test.deny"] });
    nc.publish("t.x.after", "");
    expect(await seen("t.x.after")).toEqual([""]);
    expect(await seen("t.x.deny")).toEqual([]);
    expect(statuses).toMatchObject([{ type: "error" }]);
  });

  it("rejects a denied request of either kind, and a denied JetStream publish, at once", async () => {
    nc = await open(line, nats.url, guardOptions(bundle));
    const muxed = await nc.request("t.req.deny", "", { timeout: 20_000 }).catch(identity);
    const single = await nc.request("t.req.deny", "", { timeout: 20_000, noMux: true }).catch(identity);
    for (const error of [muxed, single]) expect(decisionOf(error)).toMatchObject({ outcome: "DENY" });
    const published = await js(line, nc).publish("t.js.deny", "", { timeout: 20_000 }).catch(identity);
    expect(decisionOf(published)).toMatchObject({ outcome: "DENY" });
    const many = await nc.requestMany("t.req.deny", "", { maxWait: 20_000 });
    await expect(drain(many)).rejects.toThrow("Permissions Violation");
    const manySingle = await nc.requestMany("t.req.deny", "", { maxWait: 20_000, noMux: true });
    await expect(drain(manySingle)).rejects.toThrow("Permissions Violation");
    expect(await seen("t.req.deny")).toEqual([]);
  });

  it("refuses what a handler sends, and goes on reading", async () => {
    nc = await open(line, nats.url, guardOptions(bundle));
    const subscription = nc.subscribe("t.ask.*", {
      callback: (_, message) => {
        message.respond("no");
        nc.publish("t.inner.deny", "");
      },
    });
    await nc.flush();
    nc.publish("t.ask.it", "", { reply: "t.answer.deny" });
    nc.publish("t.ask.it", "", { reply: "t.answer.fine" });
    expect(await seen("t.answer.fine")).toEqual(["no"]);
    expect(await seen("t.answer.deny")).toEqual([]);
    expect(subscription.isClosed()).toBe(false);
  });

  it("sends what a patch made of a message", async () => {
    nc = await open(line, nats.url, guardOptions(bundle));
    nc.publish("t.x.mod", '{"secret":"s3","open":1}');
    expect(await seen("t.x.mod")).toEqual(['{"open":1,"secret":"***"}']);
  });

  it("waits with a throttled message up to the bound, then refuses with the time to wait", async () => {
    nc = await open(line, nats.url, guardOptions(bundle, { throttleWaitMs: 5_000 }));
    nc.publish("t.x.pace", "1");
    nc.publish("t.x.pace", "2");
    expect(await seen("t.x.pace")).toEqual(["1", "2"]);
    nc.publish("t.x.throttle", "1");
    const thrown = caught(() => {
      nc.publish("t.x.throttle", "2");
    });
    expect(thrown).toMatchObject({ message: expect.stringMatching(/rate limited .* retry_after_ms=\d+/) });
    expect(decisionOf(thrown)?.throttle?.retry_after_ms).toBeGreaterThan(0);
  });

  it("holds a message until somebody approves, and resolves then", async () => {
    nc = await open(line, nats.url, guardOptions(bundle));
    const sent = nc.submit("t.x.hold", "please");
    const [hold] = await nc.approvals.list();
    expect(hold?.message.subject).toBe("t.x.hold");
    expect(await seen("t.x.hold")).toEqual([]);
    await nc.approvals.approve(hold?.id ?? "", APPROVER);
    expect((await sent).outcome).toBe("ALLOW");
    expect(await seen("t.x.hold")).toEqual(["please"]);
  });

  it("stops a held request's clock until it is released, then starts it anew", async () => {
    nc = await open(line, nats.url, guardOptions(bundle));
    const server = await open(line, nats.url, guardOptions(bundle));
    server.subscribe("t.serve.hold", { callback: (_, message) => void message.respond("done") });
    server.subscribe("t.silent", { callback: () => undefined });
    await server.flush();
    for (const noMux of [false, true]) {
      const answered = nc.request("t.serve.hold", "", { timeout: 300, noMux });
      const late = nc.request("t.nobody.hold", "", { timeout: 300, noMux }).catch(identity);
      const holds = await eventually(async () => {
        const listed = await nc.approvals.list();
        expect(listed).toHaveLength(2);
        return listed;
      });
      // Longer than the held ones could have waited: the clock of this one runs.
      await expect(nc.request("t.silent", "", { timeout: 300, noMux })).rejects.toThrow(/timeout/i);
      for (const hold of holds) await nc.approvals.approve(hold.id, APPROVER);
      expect((await answered).string()).toBe("done");
      // Nobody listens: the server's own answer, or the timeout that began at the release.
      expect(await late).toBeInstanceOf(Error);
    }
    await server.close();
  });

  it("waits with a held request for many answers, of either kind, then for the answers", async () => {
    nc = await open(line, nats.url, guardOptions(bundle));
    const server = await open(line, nats.url, guardOptions(bundle));
    server.subscribe("t.many.hold", { callback: (_, message) => void message.respond("one") });
    server.subscribe("t.many.hold", { callback: (_, message) => void message.respond("two") });
    server.subscribe("t.silent", { callback: () => undefined });
    await server.flush();
    for (const noMux of [false, true]) {
      const answers = await nc.requestMany("t.many.hold", "", { maxWait: 300, noMux });
      const collected = texts(answers);
      const [hold] = await eventually(async () => {
        const listed = await nc.approvals.list();
        return listed.length === 1 && listed;
      });
      // Longer than the held one could have waited.
      expect(await texts(await nc.requestMany("t.silent", "", { maxWait: 300, noMux }))).toEqual([]);
      await nc.approvals.approve(hold?.id ?? "", APPROVER);
      expect((await collected).toSorted()).toEqual(["one", "two"]);
    }
    await server.close();
  });

  it("never sends what its sender no longer waits for", async () => {
    nc = await open(line, nats.url, guardOptions(bundle));
    const over = new AbortController();
    const sent = nc.submit("t.gone.hold", "x", { signal: over.signal }).catch(identity);
    const asked = nc.request("t.gone.hold", "y", { timeout: 300, signal: over.signal }).catch(identity);
    const holds = await nc.approvals.list();
    over.abort(new Error("enough"));
    expect(await sent).toEqual(new Error("enough"));
    expect(await asked).toBeInstanceOf(Error);
    for (const hold of holds) await nc.approvals.approve(hold.id, APPROVER);
    nc.publish("t.gone.after", "");
    expect(await seen("t.gone.after")).toEqual([""]);
    expect(await seen("t.gone.hold")).toEqual([]);
  });

  it("rejects with the client's own error when nobody approves in time", async () => {
    nc = await open(line, nats.url, guardOptions(bundle));
    await expect(nc.submit("t.x.brief", "x")).rejects.toMatchObject({ name: EXPECTED_NAME[line] });
    const error: unknown = await nc.request("t.x.brief", "x", { timeout: 20_000 }).catch(identity);
    expect(decisionOf(error)).toMatchObject({ rule_ids: ["hold.expired"] });
  });

  it("shows each decision, and explains it", async () => {
    nc = await open(line, nats.url, guardOptions(bundle));
    const heard: string[] = [];
    const stop = nc.on("decision", ({ decision }) => void heard.push(decision.outcome));
    const decisions = nc.decisions();
    nc.publish("t.x.plain", "");
    caught(() => {
      nc.publish("t.x.deny", "");
    });
    stop();
    nc.publish("t.x.plain", "");
    expect(heard).toEqual(["ALLOW", "DENY"]);
    await decisions.next();
    const { value } = await decisions.next();
    expect(nc.explain(value.decision.decision_id)?.text).toContain("DENY: a message on t.x.deny by agent-7");
    expect(nc.explain("0".repeat(32))).toBeUndefined();
    await decisions.return?.();
  });

  it("writes records before the release, and flush and close wait for them", async () => {
    const written: string[] = [];
    let letGo: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const sink = {
      append: async (record: { readonly type: string }) => {
        await gate;
        written.push(record.type);
      },
    };
    nc = await open(line, nats.url, guardOptions(bundle, { records: { kind: "sink", sink } }));
    nc.publish("t.rec.a", "1");
    nc.publish("t.rec.a", "2");
    let isFlushed = false;
    const flushed = nc.flush().then(() => {
      isFlushed = true;
    });
    const closed = nc.drain();
    await behind.flushed();
    expect((await behind.flushed()).filter(({ subject }) => subject === "t.rec.a")).toEqual([]);
    expect(isFlushed).toBe(false);
    letGo();
    await flushed;
    await closed;
    expect(await seen("t.rec.a")).toEqual(["1", "2"]);
    expect(written.slice(0, 2)).toEqual(["decision", "decision"]);
  });

  it("keeps the order, and tells later refusals by the status, when a store answers later", async () => {
    const memory = createMemoryThrottleStore();
    const throttles = {
      take: async (requests: Parameters<typeof memory.take>[0]) => Promise.resolve(memory.take(requests)),
    };
    nc = await open(line, nats.url, guardOptions(bundle, { stores: { throttles }, throttleWaitMs: 0 }));
    const statuses: unknown[] = [];
    void (async () => {
      for await (const status of nc.status()) statuses.push(status);
    })();
    nc.publish("t.later.throttle", "1");
    nc.publish("t.later.plain", "2");
    nc.publish("t.later.throttle", "3");
    nc.publish("t.later.plain", "4");
    const asked = await nc.request("t.later.throttle", "5", { timeout: 20_000 }).catch(identity);
    expect(decisionOf(asked)).toMatchObject({ outcome: "THROTTLE" });
    await expect(nc.submit("t.later.throttle", "6")).rejects.toThrow("rate limited");
    await nc.flush();
    const sent = (await behind.flushed()).filter(({ subject }) => subject.startsWith("t.later."));
    expect(sent.map(({ text }) => text)).toEqual(["1", "2", "4"]);
    expect(statuses.length).toBe(2);
  });

  it("sends nothing whose record can't be written", async () => {
    const sink = { append: () => Promise.reject(new Error("the disk is full")) };
    nc = await open(line, nats.url, guardOptions(bundle, { records: { kind: "sink", sink } }));
    await expect(nc.submit("t.norec.a", "1")).rejects.toThrow("record.unavailable");
    nc.publish("t.norec.a", "2");
    await nc.flush();
    const error: unknown = await nc.request("t.norec.a", "3", { timeout: 20_000 }).catch(identity);
    expect(decisionOf(error)).toMatchObject({ rule_ids: ["record.unavailable"] });
    expect(await seen("t.norec.a")).toEqual([]);
  });

  it("denies everything without a bundle", async () => {
    nc = await open(line, nats.url, guardOptions(bundle, { bundle: "/nowhere/bundle.tar.gz" }));
    expect(
      caught(() => {
        nc.publish("t.x.plain", "");
      }),
    ).toMatchObject({ message: expect.stringContaining("bundle.missing") });
  });

  it("decides what the client itself sends to JetStream", async () => {
    nc = await open(line, nats.url, guardOptions(bundle));
    const subjects: string[] = [];
    nc.on("decision", ({ input }) => void subjects.push(input.message.subject));
    const manager = await jsm(line, nc);
    await manager.streams.add({ name: `S_${line}`, subjects: [`s.${line}.>`] });
    await js(line, nc).publish(`s.${line}.a`, "1");
    await manager.consumers.add(`S_${line}`, { durable_name: "d", ack_policy: AckPolicy.Explicit });
    const consumer = await js(line, nc).consumers.get(`S_${line}`, "d");
    const message = await consumer.next({ expires: 5_000 });
    message?.ack();
    await nc.flush();
    expect(subjects.map((subject) => subject.split(".").slice(0, 4).join("."))).toEqual(
      expect.arrayContaining([`s.${line}.a`, "$JS.API.STREAM.CREATE", "$JS.API.CONSUMER.MSG"]),
    );
    expect(subjects.some((subject) => subject.startsWith("$JS.ACK."))).toBe(true);
  });
});

function caught(action: () => void): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

function identity(error: unknown): unknown {
  return error;
}

async function texts(answers: AsyncIterable<{ string(): string }>): Promise<string[]> {
  const collected: string[] = [];
  for await (const answer of answers) collected.push(answer.string());
  return collected;
}

async function drain(answers: AsyncIterable<unknown>): Promise<void> {
  for await (const answer of answers) void answer;
}
