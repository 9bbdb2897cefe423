import { digestFrame, type Message } from "@cortexos/protocol";
import { describe, expect, it } from "vitest";
import { benchOf, charged, never, now } from "./testing/bench.ts";
import { allow, CALLER, createBudgets, deny, messageOf, modify, policyOf, turns } from "./testing/fakes.ts";

describe("createGate", () => {
  it("releases an allowed message at once, after its record", () => {
    const { gate, records } = benchOf(policyOf(() => [allow()]));
    const message = messageOf({ a: 1 });
    const result = now(gate.submit(message, CALLER));
    expect(result).toMatchObject({ kind: "release", decision: { outcome: "ALLOW" } });
    expect(result.kind === "release" && result.message).toBe(message);
    expect(records.records).toMatchObject([
      {
        type: "decision",
        record_id: "w/7/1",
        origin: { writer: "w", connection: "c-1" },
        decision: { outcome: "ALLOW" },
        durability: "durable",
        frame_sha256: digestFrame(message),
        answers: { budgets: [], throttles: [] },
      },
    ]);
  });

  it("waits for the record of a release, and for that of a refusal not", async () => {
    let written: () => void = () => undefined;
    const append = (): Promise<void> => new Promise((resolve) => (written = resolve));
    const refusing = benchOf(
      policyOf(() => [deny()]),
      { records: { append } },
    );
    expect(now(refusing.gate.submit(messageOf({}), CALLER))).toMatchObject({ kind: "refuse", status: 403 });
    const releasing = benchOf(
      policyOf(() => [allow()]),
      { records: { append } },
    );
    let settled = false;
    const result = Promise.resolve(releasing.gate.submit(messageOf({}), CALLER)).then((value) => {
      settled = true;
      return value;
    });
    await turns();
    expect(settled).toBe(false);
    written();
    expect((await result).kind).toBe("release");
  });

  it("gives a refusal whose record has to wait something to wait for, which never rejects", async () => {
    let end: (how: "written" | "lost") => void = () => undefined;
    const append = (): Promise<void> =>
      new Promise((resolve, reject) => (end = (how) => (how === "written" ? resolve() : reject(new Error("full")))));
    const unrecorded: string[] = [];
    const { gate } = benchOf(
      policyOf(() => [deny()]),
      { records: { append }, onUnrecorded: ({ type }) => unrecorded.push(type) },
    );
    for (const how of ["written", "lost"] as const) {
      const result = now(gate.submit(messageOf({}), CALLER));
      const recorded = result.kind === "refuse" ? result.recorded : undefined;
      let settled = false;
      void Promise.resolve(recorded).then(() => (settled = recorded !== undefined));
      await turns();
      expect(settled).toBe(false);
      end(how);
      await recorded;
    }
    expect(unrecorded).toEqual(["decision"]);
    const { gate: quick } = benchOf(policyOf(() => [deny()]));
    expect(now(quick.submit(messageOf({}), CALLER))).not.toHaveProperty("recorded");
  });

  it("releases nothing whose record can't be written", async () => {
    const failing = [never, (): Promise<void> => Promise.reject(new Error("full"))];
    for (const append of failing) {
      const budgets = createBudgets(10);
      const { faults, gate } = benchOf(
        policyOf(() => [charged]),
        { records: { append }, budgets },
      );
      const result = await gate.submit(messageOf({}), CALLER);
      expect(result).toMatchObject({ kind: "refuse", decision: { rule_ids: ["record.unavailable"] }, status: 403 });
      expect(budgets.log).toEqual(["reserve 3 yes", "void 3"]);
      expect(faults[0]?.source).toBe("records");
    }
  });

  it("denies without a bundle, with a record", () => {
    const { gate, records } = benchOf(undefined);
    expect(now(gate.submit(messageOf({}), CALLER))).toMatchObject({ decision: { rule_ids: ["bundle.missing"] } });
    expect(records.decisions()).toHaveLength(1);
  });

  it("denies what can't be decided, with a record and without asking the policy", () => {
    const { gate, records } = benchOf(policyOf(never));
    const twice = messageOf({}, { payload: Buffer.from('{"a":1,"a":1}') });
    expect(now(gate.submit(twice, CALLER))).toMatchObject({ decision: { rule_ids: ["payload.duplicate_key"] } });
    expect(now(gate.submit(messageOf({}, { subject: "a.>" }), CALLER))).toMatchObject({
      decision: { rule_ids: ["subject.wildcard"] },
    });
    expect(records.decisions()).toHaveLength(2);
  });

  it("releases the patched message, and records its frame", () => {
    const { gate, records } = benchOf(
      policyOf((input) => {
        const isOld = input.message.headers["x-note"]?.[0] === "old";
        return isOld ? [allow(), modify({ set: { "/a": 2 }, headers: { "X-Note": "new" } })] : [allow()];
      }),
    );
    const headers = [
      ["X-NOTE", "old"],
      ["Other", "1"],
    ] as const;
    const result = now(gate.submit(messageOf({ b: 1, a: 1 }, { reply: "r", headers }), CALLER));
    const expected: Message = {
      subject: "agent.x",
      reply: "r",
      headers: [
        ["Other", "1"],
        ["X-Note", "new"],
      ],
      payload: Buffer.from('{"a":2,"b":1}'),
    };
    expect(result).toMatchObject({ kind: "release", decision: { outcome: "ALLOW_MOD" }, message: expected });
    expect(records.decisions()[0]).toMatchObject({
      frame_sha256: digestFrame(expected),
      input: { message: { payload: { a: 1, b: 1 } } },
    });
  });

  it("keeps the bytes of a payload that no patch touches", () => {
    const { gate } = benchOf(
      policyOf((input) => [allow(), ...(input.message.subject === "agent.x" ? [modify({ topic: "moved.x" })] : [])]),
    );
    const payload = Buffer.from('{ "b": 1.0,\n "a": 2 }');
    const result = now(gate.submit(messageOf({}, { payload }), CALLER));
    expect(result.kind === "release" && result.message).toEqual({
      subject: "moved.x",
      reply: "",
      headers: [],
      payload,
    });
  });

  it("takes the stronger record of the subjects that a message has", () => {
    const { gate, records } = benchOf(
      policyOf((input) => [
        allow(),
        ...(input.message.subject.startsWith("fast.") ? [modify({ topic: "moved.x" })] : []),
      ]),
    );
    now(gate.submit(messageOf({}, { subject: "fast.x" }), CALLER));
    expect(records.decisions()[0]?.durability).toBe("durable");
    const plain = benchOf(policyOf(() => [allow()]));
    now(plain.gate.submit(messageOf({}, { subject: "fast.x" }), CALLER));
    expect(plain.records.decisions()[0]?.durability).toBe("buffered");
  });
});
