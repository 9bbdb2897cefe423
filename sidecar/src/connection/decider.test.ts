import type { Gate, GateResult, Timers } from "@cortexos/kernel";
import type { Caller, Decision, Message, Outcome } from "@cortexos/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { createDecider, type Decider } from "./decider.ts";

const caller: Caller = {
  principal: { id: "agent-7", kind: "agent", roles: [], tenant: "acme", authenticated_by: "config" },
  environment: "dev",
  labels: {},
  source: "sidecar",
  session: { id: "c-1", declared: {} },
};
const plain: Message = { subject: "a.b", reply: "", headers: [], payload: Buffer.from("{}") };
const request: Message = { ...plain, reply: "_INBOX.x" };

function decision(outcome: Outcome, retryAfterMs?: number): Decision {
  return {
    decision_id: `d-${outcome}`,
    outcome,
    rule_ids: ["demo.rule", "demo.z"],
    reason: "because",
    bundle_digest: "sha256:b",
    input_digest: "sha256:i",
    engine: "test",
    evaluated_at: "1",
    ...(retryAfterMs !== undefined && { throttle: { key: "k", retry_after_ms: retryAfterMs, remaining: 0 } }),
  };
}

const done: string[] = [];
const waiting: number[] = [];
const release = (outcome: Outcome = "ALLOW", message: Message = plain): GateResult => ({
  kind: "release",
  decision: decision(outcome),
  message,
  done: (result) => done.push(result),
});
const standingRelease = { isCurrent: () => true, account: () => undefined };
const denied: GateResult = { kind: "refuse", decision: decision("DENY"), status: 403 };
describe("createDecider", () => {
  let answers: (GateResult | Promise<GateResult>)[] = [];
  let releasedLater: Message[] = [];
  let slept: { readonly delayMs: number; wake(): void }[] = [];
  let decided: string[] = [];
  let strict = false;
  let submitted = 0;

  const timers: Timers = {
    sleep: async (delayMs, signal) =>
      new Promise((wake, fail) => {
        slept.push({ delayMs, wake });
        signal?.addEventListener("abort", () => {
          fail(new Error("aborted"));
        });
      }),
  };
  const gate: Gate = {
    submit: () => {
      const answer = answers[submitted++];
      if (answer === undefined) throw new Error("not expected to be asked");
      return answer;
    },
    standing: (subject, by) => (subject === "a.standing" && by === caller ? standingRelease : undefined),
  };

  beforeEach(() => {
    answers = [];
    releasedLater = [];
    slept = [];
    decided = [];
    strict = false;
    submitted = 0;
    done.length = 0;
    waiting.length = 0;
  });

  function create(): Decider {
    return createDecider({
      gate,
      caller,
      timers,
      limits: { holdWaitMs: 2_000 },
      isStrictlyOrdered: () => strict,
      releaseHeld: (held) => releasedLater.push(held.message),
      decided: (_, made) => decided.push(made.outcome),
      pressure: { enter: (bytes) => waiting.push(bytes), leave: (bytes) => waiting.push(-bytes) },
    });
  }

  async function turn(): Promise<void> {
    await new Promise((next) => {
      setImmediate(next);
    });
  }

  it("forwards an allowed message as it came, at once", () => {
    answers = [release()];
    const verdict = create().decide(plain);
    expect(verdict).toEqual({ kind: "release", sent: expect.any(Function), dropped: expect.any(Function) });
    expect(decided).toEqual(["ALLOW"]);
  });

  it("forwards a changed message as the gate gave it", () => {
    const changed = { ...plain, payload: Buffer.from('{"a":1}') };
    answers = [release("ALLOW_MOD", changed)];
    expect(create().decide(plain)).toMatchObject({ kind: "release", message: changed });
  });

  it("says what became of a release", async () => {
    answers = [Promise.resolve(release()), release()];
    const decider = create();
    for (const end of ["sent", "dropped"] as const) {
      const verdict = await decider.decide(plain);
      if (verdict.kind === "release") verdict[end]?.();
    }
    expect(done).toEqual(["released", "failed"]);
  });

  it("counts what waits", async () => {
    answers = [Promise.resolve(release()), release()];
    const decider = create();
    const verdict = decider.decide(plain);
    void decider.decide(plain);
    expect(waiting).toEqual([2]);
    await verdict;
    expect(waiting).toEqual([2, -2]);
  });

  it("tells a refusal after its record, and counts it until then", async () => {
    let written = (): void => undefined;
    answers = [{ ...denied, recorded: new Promise<void>((resolve) => (written = resolve)) }];
    let told = "";
    void Promise.resolve(create().decide(plain)).then(({ kind }) => (told = kind));
    await turn();
    expect(told).toBe("");
    expect(waiting).toEqual([2]);
    written();
    await turn();
    expect(told).toBe("refuse");
    expect(waiting).toEqual([2, -2]);
  });

  it("refuses with the decision's reason and first rule", () => {
    answers = [denied];
    expect(create().decide(plain)).toEqual({
      kind: "refuse",
      status: 403,
      reason: "because",
      ruleId: "demo.rule",
      decisionId: "d-DENY",
    });
  });

  it("tells a throttled sender when to try again", () => {
    answers = [{ kind: "refuse", decision: decision("THROTTLE", 251), status: 429 }];
    expect(create().decide(plain)).toMatchObject({ kind: "refuse", status: 429, retryAfterMs: 251 });
  });

  it("parks a held message without a reply and releases it later", async () => {
    answers = [{ kind: "hold", decision: decision("REQUIRE_HUMAN"), settled: Promise.resolve(release()) }];
    expect(create().decide(plain)).toEqual({ kind: "park" });
    await turn();
    expect(releasedLater).toEqual([plain]);
  });

  it("releases a held message though its connection is gone", async () => {
    let settle: (result: GateResult) => void = () => undefined;
    const settled = new Promise<GateResult>((resolve) => {
      settle = resolve;
    });
    answers = [{ kind: "hold", decision: decision("REQUIRE_HUMAN"), settled }];
    const decider = create();
    void decider.decide(plain);
    decider.close();
    settle(release());
    await turn();
    expect(releasedLater).toEqual([plain]);
    expect(done).toEqual([]);
  });

  it.each<[string, GateResult, unknown]>([
    ["nothing when it is released", release(), undefined],
    ["403 when it is denied", denied, expect.objectContaining({ status: 403, decisionId: "d-DENY" })],
  ])("tells a held request in time: %s", async (_, result, told) => {
    answers = [{ kind: "hold", decision: decision("REQUIRE_HUMAN"), settled: Promise.resolve(result) }];
    const verdict = await create().decide(request);
    expect(verdict.kind === "park" && (await verdict.followUp)).toEqual(told);
  });

  it("tells a held request 428 when its time is over", async () => {
    answers = [{ kind: "hold", decision: decision("REQUIRE_HUMAN"), settled: new Promise(() => undefined) }];
    const verdict = await create().decide(request);
    expect(slept.map(({ delayMs }) => delayMs)).toEqual([2_000]);
    slept[0]?.wake();
    expect(verdict.kind === "park" && (await verdict.followUp)).toMatchObject({
      kind: "refuse",
      status: 428,
      decisionId: "d-REQUIRE_HUMAN",
    });
  });

  it("keeps a held message in the queue where order is strict", async () => {
    strict = true;
    answers = [
      { kind: "hold", decision: decision("REQUIRE_HUMAN"), settled: Promise.resolve(release("ALLOW", request)) },
    ];
    expect(await create().decide(request)).toMatchObject({ kind: "release", message: request });
    expect(releasedLater).toEqual([]);
  });

  it("releases a strictly ordered message by itself when its connection is gone", async () => {
    strict = true;
    answers = [{ kind: "hold", decision: decision("REQUIRE_HUMAN"), settled: Promise.resolve(release()) }];
    const decider = create();
    const verdict = decider.decide(plain);
    decider.close();
    expect(await verdict).toEqual({ kind: "park" });
    expect(releasedLater).toEqual([plain]);
  });

  it("asks the gate for what stands, in the caller's name", () => {
    const decider = create();
    expect(decider.standing("a.b")).toBeUndefined();
    expect(decider.standing("a.standing")).toBe(standingRelease);
  });
});
