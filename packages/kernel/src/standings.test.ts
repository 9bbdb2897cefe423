import { Buffer } from "node:buffer";
import { digestBytes, encodeFrame, type Caller, type Finding, type Message } from "@cortexos/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createGate, type KernelGate } from "./gate.ts";
import type { GateOptions } from "./gate-options.ts";
import type { ActivePolicy } from "./ports.ts";
import { RUN_COUNT_MAX, RUN_MS_MAX } from "./run.ts";
import { STANDINGS_PER_CALLER_MAX } from "./standings.ts";
import {
  allow,
  CALLER,
  createSink,
  createTime,
  deny,
  modify,
  policyOf,
  requireHuman,
  throttle,
  type FakeSink,
  type FakeTime,
} from "./testing/fakes.ts";
import { verifyRecord } from "./verify.ts";

const READS = [
  "/message/subject",
  "/message/reply",
  "/message/headers",
  "/message/effects",
  "/principal/id",
  "/context/hop_count",
];
const subjectOnly = policyOf(() => [allow()], { reads: READS });

interface Bench {
  readonly gate: KernelGate;
  readonly records: FakeSink;
  readonly time: FakeTime;
  readonly replace: (policy: ActivePolicy | undefined) => void;
}

function benchOf(first: ActivePolicy | undefined, over: Partial<GateOptions> = {}): Bench {
  let policy = first;
  const time = createTime();
  const records = createSink();
  const gate = createGate({
    policies: { current: () => policy },
    clock: time,
    timers: time,
    records,
    origin: { writer: "w", epoch: 1 },
    ...over,
  });
  return {
    gate,
    records,
    time,
    replace(next) {
      policy = next;
    },
  };
}

const plain = (text: string, subject = "fast.x"): Message => ({
  subject,
  reply: "",
  headers: [],
  payload: Buffer.from(text),
});
const framesOf = (...texts: string[]): Uint8Array => Buffer.concat(texts.map((text) => encodeFrame(plain(text))));

describe("standing", () => {
  it("is given for a subject whose plain messages are all allowed alike", () => {
    const { gate } = benchOf(subjectOnly);
    const standing = gate.standing("fast.x", CALLER);
    expect(standing?.isCurrent()).toBe(true);
    expect(gate.standing("fast.x", CALLER)).toBe(standing);
  });

  it.each([
    "",
    "/message",
    "/message/payload",
    "/message/payload/tool",
    "/message/payload_sha256",
    "/message/size_bytes",
    "/message/format",
    "/action/tool",
    "/cost_estimate",
    "/budget_state/x",
    "/job_meta",
    "/job_meta/priority",
    "/now_ns",
    "/anything",
    "/principals",
  ])("isn't given when the policy reads %j", (read) => {
    const { gate } = benchOf(policyOf(() => [allow()], { reads: [...READS, read] }));
    expect(gate.standing("fast.x", CALLER)).toBeUndefined();
  });

  it.each<[string, readonly Finding[]]>([
    ["a denial", [deny()]],
    ["nothing", []],
    ["a throttle", [allow(), throttle()]],
    ["a hold", [allow(), requireHuman()]],
    ["a patch", [allow(), modify({ topic: "moved.x" })]],
    ["a patch that may change nothing", [allow(), modify()]],
    ["a budget", [{ ...allow(), budget: { scope: "s", amount: 0 } }]],
  ])("isn't given for %s", (_what, findings) => {
    const { gate } = benchOf(policyOf(() => findings, { reads: READS }));
    expect(gate.standing("fast.x", CALLER)).toBeUndefined();
  });

  it("isn't given where each record must be durable, payloads must be read, or there is no policy", () => {
    expect(benchOf(subjectOnly).gate.standing("agent.x", CALLER)).toBeUndefined();
    expect(benchOf(undefined).gate.standing("fast.x", CALLER)).toBeUndefined();
    expect(benchOf(subjectOnly).gate.standing("fast.*", CALLER)).toBeUndefined();
    for (const form of [{ format: "json" }, { format: "protobuf", type: "cortexos.v1.JobRequest" }] as const) {
      const payloads = [{ subjects: "fast.>", ...form }];
      const strict = policyOf(() => [allow()], { reads: READS, manifest: { payloads } });
      expect(benchOf(strict).gate.standing("fast.x", CALLER)).toBeUndefined();
    }
  });

  it("isn't given for the JetStream API, whose effects lie in payloads", () => {
    const records = [{ subjects: "$JS.>", durability: "buffered" } as const];
    const { gate } = benchOf(policyOf(() => [allow()], { reads: READS, manifest: { records } }));
    expect(gate.standing("$JS.API.STREAM.PURGE.S", CALLER)).toBeUndefined();
    expect(gate.standing("$JS.ACK.x", CALLER)).toBeDefined();
  });

  it("P4: is given only where every plain message of the subject would be allowed by itself", () => {
    const payload = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => Buffer.from(text)),
      fc.constant(Buffer.from('{"a":1,"a":2}')),
    );
    const subjects = fc.constantFrom("fast.x", "fast.y", "fast.z");
    fc.assert(
      fc.property(
        payload,
        subjects,
        fc.subarray([...READS, "/message/payload", "/now_ns"]),
        (bytes, subject, reads) => {
          const policy = policyOf((input) => (input.message.subject === "fast.y" ? [deny()] : [allow()]), { reads });
          const { gate } = benchOf(policy);
          const standing = gate.standing(subject, CALLER);
          const result = gate.submit({ ...plain(""), subject, payload: bytes }, CALLER);
          expect(standing === undefined || ("kind" in result && result.kind === "release")).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("ends with its policy", () => {
    const { gate, replace } = benchOf(subjectOnly);
    const standing = gate.standing("fast.x", CALLER);
    replace(policyOf(() => [allow()], { reads: READS }));
    expect(standing?.isCurrent()).toBe(false);
    expect(gate.standing("fast.x", CALLER)).not.toBe(standing);
    replace(undefined);
    expect(gate.standing("fast.x", CALLER)).toBeUndefined();
  });

  it("gives up the oldest of a caller when there are too many", () => {
    const { gate } = benchOf(subjectOnly);
    const first = gate.standing("fast.0", CALLER);
    for (let i = 1; i <= STANDINGS_PER_CALLER_MAX; i++) gate.standing(`fast.${i}`, CALLER);
    expect(first?.isCurrent()).toBe(false);
    expect(gate.standing(`fast.${STANDINGS_PER_CALLER_MAX}`, CALLER)?.isCurrent()).toBe(true);
    const other: Caller = { ...CALLER, session: { id: "c-2", declared: {} } };
    gate.standing("fast.0", other);
    expect(gate.standing("fast.1", CALLER)?.isCurrent()).toBe(true);
  });
});

describe("a run", () => {
  it("has one record: the input of its first message, the count, the bytes and the digest of all frames", () => {
    const { gate, records } = benchOf(subjectOnly);
    const standing = gate.standing("fast.x", CALLER);
    const [one, two] = [framesOf('{"a":1}', "2"), framesOf("3")];
    standing?.account(2, one);
    standing?.account(1, two);
    expect(records.records).toEqual([]);
    expect(gate.flush()).toBeUndefined();
    const [record] = records.decisions();
    expect(record).toMatchObject({
      durability: "buffered",
      decision: { outcome: "ALLOW", rule_ids: ["ok"] },
      frame_sha256: digestBytes(Buffer.concat([one, two])),
      input: { message: { payload: { a: 1 }, subject: "fast.x" } },
      run: { count: 3, bytes: one.length + two.length },
    });
    expect(record === undefined ? undefined : verifyRecord(record, subjectOnly)).toEqual({ verdict: "match" });
    gate.flush();
    expect(records.records).toHaveLength(1);
  });

  it("of one message has the record of that message", () => {
    const { gate, records } = benchOf(subjectOnly);
    gate.standing("fast.x", CALLER)?.account(1, framesOf("hi"));
    gate.flush();
    expect(records.decisions()[0]?.run).toBeUndefined();
    expect(records.decisions()[0]?.frame_sha256).toBe(digestBytes(framesOf("hi")));
  });

  it("is recorded in time by itself", async () => {
    const { gate, records, time } = benchOf(subjectOnly);
    const standing = gate.standing("fast.x", CALLER);
    for (const round of [1, 2]) {
      standing?.account(1, framesOf("hi"));
      await time.advance(RUN_MS_MAX + 1);
      expect(records.records).toHaveLength(round);
    }
  });

  it("is recorded when it has grown as large as it may", () => {
    const { gate, records } = benchOf(subjectOnly);
    const standing = gate.standing("fast.x", CALLER);
    standing?.account(RUN_COUNT_MAX, framesOf("hi"));
    standing?.account(1, framesOf("hi"));
    expect(records.decisions()).toMatchObject([{ run: { count: RUN_COUNT_MAX } }]);
  });

  it("is recorded when its policy is replaced", () => {
    const { gate, records, replace } = benchOf(subjectOnly);
    gate.standing("fast.x", CALLER)?.account(1, framesOf("hi"));
    replace(policyOf(() => [deny()], { reads: READS, digest: "sha256:next" }));
    gate.standing("fast.x", CALLER);
    expect(records.decisions()).toMatchObject([{ decision: { outcome: "ALLOW", bundle_digest: subjectOnly.digest } }]);
  });

  it("whose record fails ends every standing release until a record is written again", async () => {
    let fails = true;
    const sink = createSink();
    const { gate } = benchOf(subjectOnly, {
      records: { append: (record) => (fails ? Promise.reject(new Error("full")) : sink.append(record)) },
    });
    const standing = gate.standing("fast.x", CALLER);
    standing?.account(1, framesOf("hi"));
    await expect(gate.flush()).rejects.toThrow("record");
    expect(standing?.isCurrent()).toBe(false);
    expect(gate.standing("fast.x", CALLER)).toBeUndefined();
    fails = false;
    await gate.submit(plain("hi"), CALLER);
    expect(gate.standing("fast.x", CALLER)).toBeDefined();
  });

  it.each([
    ["another subject", encodeFrame(plain("hi", "fast.other"))],
    ["a reply", encodeFrame({ ...plain("hi"), reply: "r" })],
    ["headers", encodeFrame({ ...plain("hi"), headers: [["A", "1"]] })],
    ["a size that lies", Buffer.from("PUB fast.x 9\r\nhi\r\n")],
    ["nothing", new Uint8Array(0)],
  ])("takes no frames with %s", (_what, frames) => {
    const { gate } = benchOf(subjectOnly);
    expect(() => gate.standing("fast.x", CALLER)?.account(1, frames)).toThrow("a run begins with something");
  });
});
