import {
  canonicalJson,
  encodePayload,
  sha256Hex,
  type HeaderField,
  type JsonValue,
  type Message,
} from "@cortexos/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inputText } from "./input-text.ts";
import { prepareInput, type Prepared } from "./prepare.ts";
import { CALLER, messageOf, policyOf } from "./testing/fakes.ts";

const JOB = "cortexos.v1.JobRequest";
const policy = policyOf(() => [], {
  manifest: {
    payloads: [
      { subjects: "proto.>", format: "protobuf", type: JOB },
      { subjects: "json.>", format: "json" },
    ],
  },
});
const moment = {
  policy,
  budgetState: { "tenant:acme": { limit: 5, committed: 1, reserved: 1, remaining: 3 } },
  nowNs: "17",
};
const prepare = (message: Message): Prepared => prepareInput(message, CALLER, moment);
const faultOf = (message: Message): readonly string[] | undefined => prepare(message).fault?.ruleIds;

const request = {
  job_id: "j",
  topic: "job.code.python",
  meta: { tenant: "evil", environment: "dev", priority: 2, sla_ms: 9, risk_tags: ["net"], labels: { team: "evil" } },
  cost_estimate: { tokens_in: 1, tokens_out: 2, usd_micros: 3, wall_ms: 4 },
};

describe("prepareInput", () => {
  it("fills every field of an ordinary message", () => {
    const message = messageOf(
      { tool: "mail", args: { to: "x" } },
      {
        reply: "_INBOX.a",
        headers: [
          ["X-A", "1"],
          ["x-a", "2"],
        ],
      },
    );
    expect(prepare(message).input).toEqual({
      principal: CALLER.principal,
      job_meta: {
        job_id: "",
        topic: "",
        tenant: "acme",
        environment: "prod",
        priority: 0,
        sla_ms: 0,
        risk_tags: [],
        labels: { team: "payments" },
      },
      message: {
        subject: "agent.x",
        tokens: ["agent", "x"],
        reply: "_INBOX.a",
        headers: { "x-a": ["1", "2"] },
        size_bytes: message.payload.length,
        format: "json",
        payload: { tool: "mail", args: { to: "x" } },
        payload_sha256: sha256Hex(message.payload),
        effects: [{ kind: "reply", subject: "_INBOX.a" }],
      },
      action: { tool: "mail", args: { to: "x" } },
      cost_estimate: { tokens_in: 0, tokens_out: 0, usd_micros: 0, wall_ms: 0 },
      budget_state: moment.budgetState,
      context: { session: { id: "c-1", declared: {} }, labels: [], hop_count: 0, source: "sidecar" },
      now_ns: "17",
    });
  });

  it.each<[string, Message]>([
    ["JSON on a job subject", messageOf(request, { subject: "job.code.python" })],
    ["JSON on sys.job.submit", messageOf(request, { subject: "sys.job.submit" })],
    [
      "Protobuf of its type",
      messageOf({}, { subject: "proto.x", payload: encodePayload(request, "protobuf", JOB) ?? new Uint8Array(0) }),
    ],
  ])("takes the claims of a job request in %s, and none of its facts", (_what, message) => {
    const { input } = prepare(message);
    expect(input.job_meta).toEqual({
      job_id: "j",
      topic: "job.code.python",
      priority: 2,
      sla_ms: 9,
      risk_tags: ["net"],
      tenant: "acme",
      environment: "prod",
      labels: { team: "payments" },
    });
    expect(input.cost_estimate).toEqual(request.cost_estimate);
  });

  it("takes no claims on subjects that ask for no job", () => {
    expect(prepare(messageOf(request)).input.job_meta.job_id).toBe("");
  });

  it.each<[string, JsonValue]>([
    ["meta", 5],
    ["meta", { priority: "high" }],
    ["meta", { risk_tags: [1] }],
    ["meta", { sla_ms: 1.5 }],
    ["cost_estimate", { tokens_in: null }],
    ["cost_estimate", []],
  ])("refuses a job request whose %s is %j", (name, value) => {
    expect(faultOf(messageOf({ ...request, [name]: value }, { subject: "job.a.b" }))).toEqual(["payload.job"]);
  });

  it("takes a payload for a tool call only with a tool's name and an object of arguments", () => {
    for (const payload of [{ tool: 1, args: {} }, { tool: "x", args: [] }, { tool: "x" }, [], "x", null]) {
      expect(prepare(messageOf(payload)).input.action).toBeUndefined();
    }
  });

  it.each<[readonly HeaderField[], number]>([
    [[["Cortexos-Hop-Count", "3"]], 3],
    [[["cortexos-hop-count", "0"]], 0],
    [[["Cortexos-Hop-Count", "-1"]], 0],
    [[["Cortexos-Hop-Count", "1e3"]], 0],
    [
      [
        ["Cortexos-Hop-Count", "3"],
        ["Cortexos-Hop-Count", "4"],
      ],
      0,
    ],
  ])("reads the hop count of %j as %i", (headers, hops) => {
    expect(prepare(messageOf({}, { headers })).input.context.hop_count).toBe(hops);
  });

  it("keeps hostile header names as plain data", () => {
    const { headers } = prepare(
      messageOf(
        {},
        {
          headers: [
            ["__proto__", "x"],
            ["constructor", "y"],
          ],
        },
      ),
    ).input.message;
    expect(Object.entries(headers)).toEqual([
      ["__proto__", ["x"]],
      ["constructor", ["y"]],
    ]);
  });

  it.each<[string, Message]>([
    ["subject.wildcard", messageOf({}, { subject: "a.*" })],
    ["subject.not_printable_ascii", messageOf({}, { subject: "a\ud800" })],
    ["subject.too_long", messageOf({}, { subject: "x".repeat(5000) })],
    ["reply.invalid", messageOf({}, { reply: "a.>" })],
    ["headers.invalid", messageOf({}, { headers: [["A", "x\r\nB: y"]] })],
    ["payload.duplicate_key", messageOf({}, { payload: Buffer.from('{"a":1,"a":2}') })],
    ["payload.json", messageOf({}, { subject: "json.x", payload: Buffer.from("x") })],
    ["payload.protobuf", messageOf({ a: 1 }, { subject: "proto.x" })],
  ])("finds %s and still gives an input that can be recorded", (code, message) => {
    const prepared = prepare(message);
    expect(prepared.fault?.ruleIds).toEqual([code]);
    expect(prepared.text).toBe(canonicalJson(prepared.input));
  });

  it("asks nobody without a policy", () => {
    const { fault } = prepareInput(messageOf({}), CALLER, { ...moment, policy: undefined });
    expect(fault?.ruleIds).toEqual(["bundle.missing"]);
  });

  it("reads no fault into a payload that neither the bundle nor its rules look at", () => {
    const blind = policyOf(() => [], { reads: ["/message/subject"] });
    const twice = messageOf({}, { payload: Buffer.from('{"a":1,"a":2}') });
    const { fault, input } = prepareInput(twice, CALLER, { ...moment, policy: blind });
    expect(fault).toBeUndefined();
    expect(input.message).toMatchObject({ format: "binary", payload: null });
  });
});

const arbitraryMessage = fc.record({
  subject: fc.constantFrom("agent.x", 'q"uo\\te.x', "job.code.go", "$JS.API.STREAM.PURGE.S", "json.a"),
  reply: fc.constantFrom("", "_INBOX.a"),
  headers: fc.array(
    fc.tuple(
      fc.constantFrom("A", "b", "Nats-Rollup", "__proto__", "Cortexos-Hop-Count"),
      fc.constantFrom("1", "é", 'x"y'),
    ),
  ),
  payload: fc
    .oneof(
      fc.jsonValue(),
      fc.record({ tool: fc.string(), args: fc.dictionary(fc.string(), fc.jsonValue()), z: fc.jsonValue() }),
    )
    .map((value) => Buffer.from(JSON.stringify(value))),
});

describe("inputText", () => {
  it("is the canonical JSON of the input, with and without a caller at hand", () => {
    fc.assert(
      fc.property(arbitraryMessage, (message) => {
        const { input, text } = prepare(message);
        expect(text).toBe(canonicalJson(input));
        expect(inputText(input)).toBe(text);
      }),
      { numRuns: 500 },
    );
  });
});
