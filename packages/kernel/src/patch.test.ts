import {
  encodePayload,
  type Decision,
  type Finding,
  type Input,
  type JsonValue,
  type Message,
  type PolicyManifest,
} from "@cortexos/protocol";
import { describe, expect, it } from "vitest";
import { decideInput } from "./decide.ts";
import { prepareInput } from "./prepare.ts";
import { allow, CALLER, messageOf, modify, policyOf } from "./testing/fakes.ts";

const JOB = "cortexos.v1.JobRequest";

function decide(
  message: Message,
  rules: (input: Input) => readonly Finding[],
  manifest: Partial<PolicyManifest> = {},
): Decision {
  const policy = policyOf(rules, { manifest });
  const { input } = prepareInput(message, CALLER, { policy, budgetState: {}, nowNs: "17" });
  return decideInput(input, policy);
}

const payloadOf = (input: Input): string => JSON.stringify(input.message.payload);

describe("a patch", () => {
  it("is judged again: the policy sees the patched message", () => {
    const seen: Input[] = [];
    decide(
      messageOf(
        { a: 1 },
        {
          headers: [
            ["X-Note", "old"],
            ["x-note", "older"],
          ],
        },
      ),
      (input) => {
        seen.push(input);
        return [allow(), modify({ set: { "/a": 2 }, headers: { "X-Note": "new" }, topic: "moved.here" })].slice(
          0,
          seen.length === 1 ? 2 : 1,
        );
      },
    );
    expect(seen[1]?.message).toMatchObject({
      subject: "moved.here",
      tokens: ["moved", "here"],
      headers: { "x-note": ["new"] },
      payload: { a: 2 },
      size_bytes: 7,
      format: "json",
    });
    expect(seen[1]?.message.payload_sha256).not.toBe(seen[0]?.message.payload_sha256);
    expect(seen[1]?.now_ns).toBe(seen[0]?.now_ns);
    expect(seen).toHaveLength(2);
  });

  it("is told in the decision, with its rule", () => {
    const decision = decide(messageOf({ a: 1, b: 2 }), () => [allow(), modify({ set: { "/a": 2 }, remove: ["/b"] })]);
    expect(decision).toMatchObject({
      outcome: "ALLOW_MOD",
      rule_ids: ["mend", "ok"],
      patch: { set: { "/a": 2 }, remove: ["/b"], headers: {} },
    });
  });

  it("that changes nothing leaves an ALLOW", () => {
    const decision = decide(messageOf({ a: 1 }), () => [
      modify({ set: { "/a": 1 }, remove: ["/b"], topic: "agent.x" }),
    ]);
    expect(decision).toMatchObject({ outcome: "ALLOW", rule_ids: ["mend"] });
    expect(decision.patch).toBeUndefined();
  });

  it("may be followed by one more, and both are told", () => {
    const decision = decide(messageOf({ a: 0 }), (input) => {
      const { a } = JSON.parse(payloadOf(input));
      return a < 2 ? [allow(), modify({ id: `step${a}`, set: { "/a": a + 1 } })] : [allow()];
    });
    expect(decision).toMatchObject({
      outcome: "ALLOW_MOD",
      rule_ids: ["ok", "step0", "step1"],
      patch: { set: { "/a": 2 } },
    });
  });

  it.each<[string, (input: Input) => readonly Finding[]]>([
    ["grows for ever", (input) => [allow(), modify({ set: { "/a": JSON.parse(payloadOf(input)).a + 1 } })]],
    ["swings", (input) => [allow(), modify({ set: { "/a": 1 - JSON.parse(payloadOf(input)).a } })]],
    ["appends", () => [allow(), modify({ set: { "/l/-": 1 } })]],
  ])("that %s is DENY", (_what, rules) => {
    const manifest = { modifiable: [{ subjects: ">", pointers: ["/a", "/l/*"], headers: [], topics: [] }] };
    expect(decide(messageOf({ a: 0, l: [] }), rules, manifest)).toMatchObject({
      outcome: "DENY",
      rule_ids: ["patch.unstable"],
    });
  });

  it("that makes a message a rule denies is DENY", () => {
    const decision = decide(messageOf({ a: 1 }), (input) => {
      return payloadOf(input) === '{"a":2}' ? [] : [allow(), modify({ set: { "/a": 2 } })];
    });
    expect(decision).toMatchObject({ outcome: "DENY", rule_ids: ["default.deny"] });
  });

  it.each<[string, Finding]>([
    ["an undeclared pointer", modify({ set: { "/a/b/c": 1 } })],
    ["the whole payload", modify({ set: { "": {} } })],
    ["something that is no pointer", modify({ set: { a: 1 } })],
    ["a hostile pointer", modify({ set: { "/__proto__/x": 1 } })],
    ["an undeclared header", modify({ headers: { "Nats-TTL": "1" } })],
    ["an undeclared subject", modify({ topic: "other.x" })],
    ["a wildcard subject", modify({ topic: "moved.>" })],
    ["a subject that can't be published to", modify({ topic: "moved.a b" })],
  ])("to %s is DENY", (_what, finding) => {
    expect(decide(messageOf({ a: 1 }), () => [allow(), finding])).toMatchObject({
      outcome: "DENY",
      rule_ids: ["patch.not_modifiable"],
    });
  });

  it("never names the gate's own headers, declared or not", () => {
    const modifiable = [{ subjects: ">", pointers: [], headers: ["cortexos-principal"], topics: [] }];
    const decision = decide(messageOf({}), () => [allow(), modify({ headers: { "Cortexos-Principal": "root" } })], {
      modifiable,
    });
    expect(decision.rule_ids).toEqual(["patch.not_modifiable"]);
  });

  it.each<[string, JsonValue]>([
    ["/job_id", "other"],
    ["/meta", {}],
    ["/meta/tenant", "other"],
    ["/meta/environment", "dev"],
  ])("never changes who a job is for: %s", (pointer, value) => {
    const request = { job_id: "j", topic: "t", meta: { tenant: "acme", environment: "prod" } };
    const message = messageOf(request, { subject: "job.a.b" });
    expect(decide(message, () => [allow(), modify({ set: { [pointer]: value } })]).rule_ids).toEqual([
      "patch.identity",
    ]);
    expect(decide(message, () => [allow(), modify({ set: { "/meta/priority": 1 } })]).outcome).toBe("ALLOW_MOD");
  });

  it("that a place is missing for is DENY", () => {
    expect(decide(messageOf({ a: 1 }), () => [allow(), modify({ set: { "/args/x": 1 } })]).rule_ids).toEqual([
      "patch.target",
    ]);
    expect(
      decide(messageOf({}, { payload: Buffer.from("text") }), () => [allow(), modify({ set: { "/a": 1 } })]).rule_ids,
    ).toEqual(["patch.target"]);
  });

  it("that makes a message larger than the limit is DENY", () => {
    const decision = decide(messageOf({ a: 1 }), () => [allow(), modify({ set: { "/a": "x".repeat(1_048_576) } })]);
    expect(decision.rule_ids).toEqual(["patch.size"]);
  });

  it("with a header that can't be sent is DENY", () => {
    expect(decide(messageOf({}), () => [allow(), modify({ headers: { "X-Note": "a\r\nB: c" } })]).rule_ids).toEqual([
      "patch.encoding",
    ]);
  });

  it("of a Protobuf payload is encoded as its type says, or is DENY", () => {
    const payloads = [{ subjects: "job.>", format: "protobuf", type: JOB } as const];
    const payload = encodePayload({ job_id: "j", topic: "t", meta: { tenant: "acme" } }, "protobuf", JOB);
    const message = messageOf({}, { subject: "job.a.b", payload: payload ?? new Uint8Array(0) });
    expect(decide(message, () => [allow(), modify({ set: { "/meta/priority": 5 } })], { payloads }).outcome).toBe(
      "ALLOW_MOD",
    );
    for (const set of [{ "/unknown": 1 }, { "/topic": 5 }, { "/meta/sla_ms": 0.5 }]) {
      expect(decide(message, () => [allow(), modify({ set })], { payloads }).rule_ids).toEqual(["patch.encoding"]);
    }
  });

  it("never moves a message to where its payload is read differently", () => {
    const payloads = [{ subjects: "moved.>", format: "binary" } as const];
    expect(decide(messageOf({}), () => [allow(), modify({ topic: "moved.x" })], { payloads }).rule_ids).toEqual([
      "patch.not_modifiable",
    ]);
  });

  it("removes several items of a list as it was", () => {
    const modifiable = [{ subjects: ">", pointers: ["/l/*"], headers: [], topics: [] }];
    const seen: Input[] = [];
    decide(
      messageOf({ l: ["a", "b", "c", "d"] }),
      (input) => {
        seen.push(input);
        return seen.length === 1
          ? [allow(), modify({ remove: ["/l/0"], set: { "/l/1": "B" } }), modify({ id: "x", remove: ["/l/2"] })]
          : [allow()];
      },
      { modifiable },
    );
    expect(seen[1]?.message.payload).toEqual({ l: ["B", "d"] });
  });
});
