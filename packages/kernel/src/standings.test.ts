import { Buffer } from "node:buffer";
import {
  digestBytes,
  encodeFrame,
  getPointer,
  parsePointer,
  type Caller,
  type Finding,
  type Input,
  type JsonValue,
  type Message,
} from "@cortexos/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createGate, type KernelGate } from "./gate.ts";
import type { GateOptions } from "./gate-options.ts";
import type { StandingChoice, StandingRelease } from "./gate-types.ts";
import type { ActivePolicy } from "./ports.ts";
import { RUN_COUNT_MAX, RUN_MS_MAX } from "./run.ts";
import { PAYLOAD_KEY_CHARS_MAX } from "./standing-choice.ts";
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
/** The standing release of a subject that needs no choice. */
function releaseOf({ gate }: Pick<Bench, "gate">, subject = "fast.x"): StandingRelease | undefined {
  const standing = gate.standing(subject, CALLER);
  if (standing !== undefined && "choose" in standing) throw new Error("a choice where none was expected");
  return standing;
}

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
    "/message/payload_sha256",
    "/message/size_bytes",
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
          const given = gate.standing(subject, CALLER);
          const standing =
            given !== undefined && "choose" in given ? (given.choose(bytes), given.choose(bytes)) : given;
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

/** A limit, with an unread note beside it: what policies on payloads are made of. */
const limited = policyOf(
  ({ message: { payload } }) => {
    const amount = typeof payload === "object" && payload !== null && "amount" in payload ? payload.amount : 0;
    if (typeof amount !== "number") return [deny("amount.type")];
    return amount > 9 ? [deny("amount.limit")] : [allow(amount > 4 ? "large" : "small")];
  },
  { reads: [...READS, "/message/payload/amount"] },
);

function choiceOf({ gate }: Pick<Bench, "gate">, subject = "fast.x"): StandingChoice {
  const standing = gate.standing(subject, CALLER);
  if (standing === undefined || !("choose" in standing)) throw new Error("a choice was expected");
  return standing;
}

function read(input: Input, pointer: string): JsonValue | undefined {
  return getPointer({ ...input } as unknown as JsonValue, parsePointer(pointer) ?? []);
}

const bytesOf = (value: unknown): Uint8Array => Buffer.from(typeof value === "string" ? value : JSON.stringify(value));

describe("standing by payload", () => {
  it("gives a group its release the second time that it is seen, whatever differs elsewhere", () => {
    const choice = choiceOf(benchOf(limited));
    expect(choice.choose(bytesOf({ amount: 1, note: "a" }))).toBeUndefined();
    const release = choice.choose(bytesOf({ amount: 1, note: "b" }));
    expect(release?.isCurrent()).toBe(true);
    expect(choice.choose(bytesOf({ note: "c", amount: 1.0 }))).toBe(release);
    expect(choice.choose(bytesOf({ amount: 2 }))).toBeUndefined();
  });

  it.each([
    ["a denial", { amount: 10 }],
    ["a wrong type", { amount: "1" }],
    ["a key twice", '{"amount":1,"amount":1}'],
    ["a number that doubles can't hold", '{"amount":1,"x":12345678901234567890}'],
    ["a broken text", '\ufeff{"amount":1}'],
  ])("gives none for %s", (_what, payload) => {
    const choice = choiceOf(benchOf(limited));
    for (let i = 0; i < 4; i++) expect(choice.choose(bytesOf(payload))).toBeUndefined();
  });

  it("gives none where the key would be too long", () => {
    const reads = [...READS, "/message/payload/text"];
    const choice = choiceOf(benchOf(policyOf(() => [allow()], { reads })));
    const twice = (chars: number): unknown => {
      const payload = bytesOf({ text: "x".repeat(chars) });
      choice.choose(payload);
      return choice.choose(payload);
    };
    expect(twice(PAYLOAD_KEY_CHARS_MAX - 20)).toBeDefined();
    expect(twice(PAYLOAD_KEY_CHARS_MAX)).toBeUndefined();
  });

  it("isn't there for jobs, whose claims count unread, nor for typed payloads", () => {
    const records = [{ subjects: ">", durability: "buffered" } as const];
    const payloads = [{ subjects: "fast.typed", format: "protobuf", type: "cortexos.v1.JobRequest" } as const];
    const { gate } = benchOf({ ...limited, manifest: { ...limited.manifest, records, payloads } });
    expect(gate.standing("sys.job.submit", CALLER)).toBeUndefined();
    expect(gate.standing("fast.typed", CALLER)).toBeUndefined();
    expect(gate.standing("fast.x", CALLER)).toBeDefined();
  });

  it("isn't there for requests to JetStream, which are DENY by themselves when they aren't JSON", () => {
    const records = [{ subjects: "$JS.>", durability: "buffered" } as const];
    const reads = ["/message/subject", "/message/payload/amount"];
    const { gate } = benchOf({ ...limited, reads, manifest: { ...limited.manifest, records } });
    expect(gate.standing("$JS.API.STREAM.INFO.S", CALLER)).toBeUndefined();
    expect(gate.standing("$JS.ACK.S", CALLER)).toBeDefined();
  });

  it("ends with its policy, and so do its releases", () => {
    const bench = benchOf(limited);
    const choice = choiceOf(bench);
    choice.choose(bytesOf({ amount: 1 }));
    const release = choice.choose(bytesOf({ amount: 1 }));
    bench.replace({ ...limited, digest: "sha256:next" });
    expect([choice.isCurrent(), release?.isCurrent()]).toEqual([false, false]);
    expect(choiceOf(bench)).not.toBe(choice);
  });

  it("P4: releases exactly as each message by itself, whatever the policy reads", () => {
    const paths = ["", "/a", "/a/b", "/a/0", "/b", "/args", "/tool"];
    const pointer = fc.constantFrom(
      ...paths.flatMap((path) => [`/message/payload${path}`, `/action${path}`]),
      "/message/format",
    );
    const leaf = fc.constantFrom<unknown>(0, 1, "0", "1", "", null, true, [], {}, [1], { b: 1 }, { b: "1" }, { 0: 1 });
    const object = fc.dictionary(fc.constantFrom("a", "b", "tool", "args"), leaf, { maxKeys: 3 });
    const payload = fc.oneof(object, leaf, fc.constant("not json")).map(bytesOf);
    fc.assert(
      fc.property(
        fc.uniqueArray(pointer, { minLength: 1, maxLength: 3 }),
        fc.array(payload, { maxLength: 40 }),
        (picked, sent) => {
          // Decides by a digest of everything that it says it reads, so that any two that differ there can be decided differently.
          const policy = policyOf(
            (input) => {
              const seen = digestBytes(Buffer.from(JSON.stringify(picked.map((one) => read(input, one) ?? "nothing"))));
              return seen.endsWith("0") ? [deny()] : [allow(seen)];
            },
            { reads: [...READS, ...picked] },
          );
          const bench = benchOf(policy);
          const choice = choiceOf(bench);
          for (const bytes of [...sent, ...sent]) {
            const release = choice.choose(bytes);
            release?.account(1, encodeFrame({ ...plain(""), payload: bytes }));
            const alone = bench.gate.submit({ ...plain(""), payload: bytes }, CALLER);
            if (release === undefined || !("kind" in alone)) continue;
            bench.gate.flush();
            const [run] = bench.records.decisions().slice(-1);
            expect([alone.kind, alone.decision.rule_ids]).toEqual(["release", run?.decision.rule_ids]);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("a run", () => {
  it("has one record: the input of its first message, the count, the bytes and the digest of all frames", () => {
    const { gate, records } = benchOf(subjectOnly);
    const standing = releaseOf({ gate });
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
    releaseOf({ gate })?.account(1, framesOf("hi"));
    gate.flush();
    expect(records.decisions()[0]?.run).toBeUndefined();
    expect(records.decisions()[0]?.frame_sha256).toBe(digestBytes(framesOf("hi")));
  });

  it("is recorded in time by itself", async () => {
    const { gate, records, time } = benchOf(subjectOnly);
    const standing = releaseOf({ gate });
    for (const round of [1, 2]) {
      standing?.account(1, framesOf("hi"));
      await time.advance(RUN_MS_MAX + 1);
      expect(records.records).toHaveLength(round);
    }
  });

  it("is recorded when it has grown as large as it may", () => {
    const { gate, records } = benchOf(subjectOnly);
    const standing = releaseOf({ gate });
    standing?.account(RUN_COUNT_MAX, framesOf("hi"));
    standing?.account(1, framesOf("hi"));
    expect(records.decisions()).toMatchObject([{ run: { count: RUN_COUNT_MAX } }]);
  });

  it("is recorded when its policy is replaced", () => {
    const { gate, records, replace } = benchOf(subjectOnly);
    releaseOf({ gate })?.account(1, framesOf("hi"));
    replace(policyOf(() => [deny()], { reads: READS, digest: "sha256:next" }));
    releaseOf({ gate });
    expect(records.decisions()).toMatchObject([{ decision: { outcome: "ALLOW", bundle_digest: subjectOnly.digest } }]);
  });

  it("whose record fails ends every standing release until a record is written again", async () => {
    let fails = true;
    const sink = createSink();
    const { gate } = benchOf(subjectOnly, {
      records: { append: (record) => (fails ? Promise.reject(new Error("full")) : sink.append(record)) },
    });
    const standing = releaseOf({ gate });
    standing?.account(1, framesOf("hi"));
    await expect(gate.flush()).rejects.toThrow("record");
    expect(standing?.isCurrent()).toBe(false);
    expect(releaseOf({ gate })).toBeUndefined();
    fails = false;
    await gate.submit(plain("hi"), CALLER);
    expect(releaseOf({ gate })).toBeDefined();
  });

  it.each([
    ["another subject", encodeFrame(plain("hi", "fast.other"))],
    ["a reply", encodeFrame({ ...plain("hi"), reply: "r" })],
    ["headers", encodeFrame({ ...plain("hi"), headers: [["A", "1"]] })],
    ["a size that lies", Buffer.from("PUB fast.x 9\r\nhi\r\n")],
    ["nothing", new Uint8Array(0)],
  ])("takes no frames with %s", (_what, frames) => {
    const { gate } = benchOf(subjectOnly);
    expect(() => releaseOf({ gate })?.account(1, frames)).toThrow("a run begins with something");
  });
});
