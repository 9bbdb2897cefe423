import type { Message, MessageEffect } from "@cortexos/protocol";
import { describe, expect, it } from "vitest";
import { CALLER, messageOf, policyOf } from "./testing/fakes.ts";
import { prepareInput } from "./prepare.ts";

const policy = policyOf(() => []);

function effectsOf(message: Message): readonly MessageEffect[] {
  return prepareInput(message, CALLER, { policy, budgetState: {}, nowNs: "1" }).input.message.effects;
}

const api = (verb: string, body: unknown, domain = ""): Message =>
  messageOf(body, { subject: `$JS.${domain}API.${verb}` });

describe("message.effects", () => {
  it("is empty for a plain message", () => {
    expect(effectsOf(messageOf({ republish: { dest: "x" }, deliver_subject: "y" }))).toEqual([]);
  });

  it("names the reply subject", () => {
    expect(effectsOf(messageOf({}, { reply: "work.secret" }))).toEqual([{ kind: "reply", subject: "work.secret" }]);
  });

  it.each<[string, string, MessageEffect]>([
    ["Nats-Schedule-Target", "b", { kind: "schedule_target", subject: "b" }],
    ["nats-schedule-target", "b", { kind: "schedule_target", subject: "b" }],
    ["NATS-SCHEDULE-SOURCE", "b", { kind: "schedule_source", subject: "b" }],
    ["Nats-Trace-Dest", "b", { kind: "trace_destination", subject: "b" }],
    ["Nats-Rollup", "sub", { kind: "rollup", subject: "agent.x" }],
    ["Nats-Rollup", "all", { kind: "rollup", subject: ">" }],
    ["Nats-Rollup", "SUB", { kind: "rollup", subject: ">" }],
    ["Nats-Msg-Id", "1", { kind: "message_id", subject: "agent.x" }],
    ["Nats-Expected-Last-Sequence", "1", { kind: "expectation", subject: "agent.x" }],
    ["Nats-TTL", "1h", { kind: "time_to_live", subject: "agent.x" }],
    ["Nats-Batch-Commit", "1", { kind: "batch", subject: "agent.x" }],
    ["Nats-Incr", "5", { kind: "counter", subject: "agent.x" }],
    ["Nats-Schedule-Next", "purge", { kind: "unknown", subject: ">" }],
    ["Nats-Schedule-Rollup", "sub", { kind: "rollup", subject: ">" }],
  ])("judges header %s: %s as a publish of its own", (name, value, effect) => {
    expect(effectsOf(messageOf({}, { headers: [[name, value]] }))).toEqual([effect]);
  });

  it.each([
    ["sub", ["b", "c"]],
    ["all", [">"]],
  ])("takes a schedule's rollup %s for one of its targets", (value, subjects) => {
    const headers = [
      ["Nats-Schedule-Target", "b"],
      ["Nats-Schedule-Target", "c"],
      ["Nats-Schedule-Rollup", value],
    ] as const;
    const rollups = effectsOf(messageOf({}, { headers })).filter(({ kind }) => kind === "rollup");
    expect(rollups.map(({ subject }) => subject)).toEqual(subjects);
  });

  it("names every value of a repeated header", () => {
    const headers = [
      ["Nats-Trace-Dest", "a"],
      ["nats-trace-dest", "b"],
    ] as const;
    expect(effectsOf(messageOf({}, { headers })).map((effect) => effect.subject)).toEqual(["a", "b"]);
  });

  it.each<[string, unknown, readonly MessageEffect[]]>([
    [
      "STREAM.CREATE.S",
      { name: "S", republish: { src: ">", dest: "out.>" } },
      [{ kind: "stream_republish", subject: "out.>" }],
    ],
    ["STREAM.UPDATE.S", { subject_transform: { src: "a", dest: "b" } }, [{ kind: "stream_transform", subject: "b" }]],
    [
      "STREAM.CREATE.S",
      { sources: [{ name: "A", subject_transforms: [{ src: "x", dest: "y" }] }, { name: "B" }] },
      [
        { kind: "stream_source", subject: "A" },
        { kind: "stream_transform", subject: "y" },
        { kind: "stream_source", subject: "B" },
      ],
    ],
    [
      "STREAM.CREATE.S",
      { mirror: { name: "M", external: { api: "$JS.X.API", deliver: "d" } } },
      [
        { kind: "stream_source", subject: "M" },
        { kind: "consumer_delivery", subject: "d" },
        { kind: "external_api", subject: "$JS.X.API.>" },
      ],
    ],
    [
      "STREAM.PURGE.S",
      { filter: "a", Filter: "b" },
      [
        { kind: "stream_purge", subject: "a" },
        { kind: "stream_purge", subject: "b" },
      ],
    ],
    [
      "STREAM.PURGE.S",
      { filter: "a", Filter: "" },
      [
        { kind: "stream_purge", subject: "a" },
        { kind: "stream_purge", subject: "S" },
      ],
    ],
    ["STREAM.SNAPSHOT.S", { deliver_subject: "d" }, [{ kind: "consumer_delivery", subject: "d" }]],
    ["CONSUMER.MSG.NEXT.S.c", { batch: 1 }, []],
    ["STREAM.MSG.GET.S", { seq: 1 }, []],
    ["INFO", {}, []],
    ["STREAM.RESTORE.S", { config: { republish: { dest: "r" } } }, [{ kind: "stream_republish", subject: "r" }]],
    ["STREAM.CREATE.S", { Republish: { DEST: "case" } }, [{ kind: "stream_republish", subject: "case" }]],
    ["STREAM.CREATE.S", { "republi\u017fh": { "de\u017ft": "fold" } }, [{ kind: "stream_republish", subject: "fold" }]],
    ["STREAM.PURGE.S", {}, [{ kind: "stream_purge", subject: "S" }]],
    ["STREAM.PURGE.S", { filter: "a.b" }, [{ kind: "stream_purge", subject: "a.b" }]],
    ["STREAM.DELETE.S", {}, [{ kind: "stream_delete", subject: "S" }]],
    ["STREAM.MSG.DELETE.S", { seq: 1 }, [{ kind: "message_delete", subject: "S" }]],
    ["CONSUMER.CREATE.S.c", { config: { deliver_subject: "d" } }, [{ kind: "consumer_delivery", subject: "d" }]],
    [
      "CONSUMER.DURABLE.CREATE.S.c",
      { config: { Deliver_Subject: "d" } },
      [{ kind: "consumer_delivery", subject: "d" }],
    ],
    ["CONSUMER.CREATE.S", { config: { durable_name: "x" } }, []],
    ["STREAM.INFO.S", {}, []],
  ])("reads the request %s %j, in any domain", (verb, body, effects) => {
    expect(effectsOf(api(verb, body))).toEqual(effects);
    expect(effectsOf(api(verb, body, "hub."))).toEqual(effects);
  });

  it.each([
    "STREAM.PEER.REMOVE.S",
    "ACCOUNT.PURGE.A",
    "META.LEADER.STEPDOWN",
    "STREAM.MSG.OTHER.S",
    "CONSUMER.NEW.S",
    "X",
  ])("knows nothing of the request %s, and says so", (verb) => {
    expect(effectsOf(api(verb, {}))).toEqual([{ kind: "unknown", subject: `$JS.API.${verb}` }]);
  });

  it.each(['{"deliver_subject":"d"}{}', "{} x", '{"deliver_subject":"d",}', "d", "\u0000"])(
    "leaves nothing to guess in a request %j: it is DENY",
    (body) => {
      const message = { ...api("CONSUMER.CREATE.S.c", null), payload: new TextEncoder().encode(body) };
      const prepared = prepareInput(message, CALLER, { policy, budgetState: {}, nowNs: "1" });
      expect(prepared.fault).toMatchObject({ ruleIds: ["payload.json"] });
    },
  );

  it("purges a stream with no body at all", () => {
    const purge = { ...api("STREAM.PURGE.S", null), payload: new Uint8Array(0) };
    expect(effectsOf(purge)).toEqual([{ kind: "stream_purge", subject: "S" }]);
  });
});
