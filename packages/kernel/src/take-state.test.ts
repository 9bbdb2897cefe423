import { describe, expect, it } from "vitest";
import type { GateOptions } from "./gate-options.ts";
import { benchOf, charged, never, now } from "./testing/bench.ts";
import {
  allow,
  CALLER,
  createBudgets,
  createHolds,
  createThrottles,
  createTime,
  deny,
  messageOf,
  policyOf,
  requireHuman,
  throttle,
} from "./testing/fakes.ts";

describe("throttles and budgets", () => {
  const slow = policyOf(() => [allow(), throttle({ rate: 2, burst: 1 })]);

  it("let a burst through and refuse what is above it with the time to wait", () => {
    const time = createTime();
    const { gate, records } = benchOf(slow, { clock: time, throttles: createThrottles(time) });
    expect(now(gate.submit(messageOf({}), CALLER))).toMatchObject({
      kind: "release",
      decision: { outcome: "ALLOW", rule_ids: ["ok", "slow"] },
    });
    expect(now(gate.submit(messageOf({}), CALLER))).toMatchObject({
      kind: "refuse",
      status: 429,
      decision: { outcome: "THROTTLE", rule_ids: ["slow"], throttle: { key: "k", retry_after_ms: 500, remaining: 0 } },
    });
    expect(records.decisions()[1]?.answers.throttles).toMatchObject([{ key: "k", admitted: false }]);
  });

  it("hold a message back for as long as they may, and decide it again then", async () => {
    const time = createTime();
    const { gate } = benchOf(slow, {
      clock: time,
      timers: time,
      throttles: createThrottles(time),
      throttleWaitMsMax: 600,
    });
    now(gate.submit(messageOf({}), CALLER));
    const waiting = Promise.resolve(gate.submit(messageOf({}), CALLER));
    await time.advance(501);
    const result = await waiting;
    expect(result).toMatchObject({ kind: "release" });
    expect(BigInt(result.decision.evaluated_at)).toBeGreaterThan(1_700_000_000_500_000_000n);
    const gaveUp = Promise.resolve(gate.submit(messageOf({}), CALLER));
    const tooMany = await gate.submit(messageOf({}), {
      ...CALLER,
      principal: { ...CALLER.principal, tenant: "other" },
    });
    expect(tooMany.kind).toBe("release");
    await time.advance(501);
    expect((await gaveUp).kind).toBe("release");
  });

  it("refuse a message that would have to wait longer", () => {
    const time = createTime();
    const { gate } = benchOf(slow, {
      clock: time,
      timers: time,
      throttles: createThrottles(time),
      throttleWaitMsMax: 499,
    });
    now(gate.submit(messageOf({}), CALLER));
    expect(now(gate.submit(messageOf({}), CALLER))).toMatchObject({ status: 429 });
  });

  it("never hold a message back for longer than they may, however often it is tried", async () => {
    const time = createTime();
    const take = (): [{ admitted: boolean; retryAfterMs: number; remaining: number }] => [
      { admitted: false, retryAfterMs: 400, remaining: 0 },
    ];
    const { gate } = benchOf(slow, { clock: time, timers: time, throttles: { take }, throttleWaitMsMax: 1000 });
    const result = Promise.resolve(gate.submit(messageOf({}), CALLER));
    await time.advance(401);
    await time.advance(401);
    expect(await result).toMatchObject({ kind: "refuse", status: 429 });
  });

  it.each(["true", 1, {}, []])("take only true for yes, and not %j", (yes) => {
    // JSON.parse has any type: these are stores that break their contracts.
    const takes = { take: () => JSON.parse(JSON.stringify([{ admitted: yes, retryAfterMs: 0, remaining: 1 }])) };
    const budgets = { ...createBudgets(10), reserve: () => JSON.parse(JSON.stringify({ reserved: yes })) };
    const limited = benchOf(slow, { throttles: takes });
    const spending = benchOf(
      policyOf(() => [charged]),
      { budgets },
    );
    expect(now(limited.gate.submit(messageOf({}), CALLER)).kind).toBe("refuse");
    expect(now(spending.gate.submit(messageOf({}), CALLER)).kind).toBe("refuse");
  });

  it("tell the budget store whose budgets a message spends, at each step", async () => {
    const owners: unknown[] = [];
    const budgets: NonNullable<GateOptions["budgets"]> = {
      reserve: (_id, _amounts, owner) => {
        owners.push(owner);
        return { reserved: true };
      },
      commit: (_id, owner) => void owners.push(owner),
      void: (_id, owner) => void owners.push(owner),
      state: ({ id: agent, tenant }, run) => {
        owners.push({ tenant, agent, run });
        return {};
      },
    };
    const { gate } = benchOf(
      policyOf(() => [charged]),
      { budgets },
    );
    for (const end of ["released", "failed"] as const) {
      const result = now(gate.submit(messageOf({}), CALLER));
      if (result.kind === "release") result.done(end);
    }
    const { id: agent, tenant } = CALLER.principal;
    const owner = { tenant, agent, run: CALLER.session.id };
    expect(owners).toEqual([owner, owner, owner, owner, owner, owner]);
  });

  it("name buckets so that no tenant can spell another's", () => {
    const keys: string[] = [];
    const take: NonNullable<GateOptions["throttles"]>["take"] = (requests) => {
      keys.push(...requests.map(({ key }) => key));
      return requests.map(() => ({ admitted: true, retryAfterMs: 0, remaining: 1 }));
    };
    for (const [tenant, key] of [
      ["a", "b/c"],
      ["a/b", "c"],
      ["{a}", "b"],
    ] as const) {
      const { gate } = benchOf(
        policyOf(() => [allow(), throttle({ key })]),
        { throttles: { take } },
      );
      now(gate.submit(messageOf({}), { ...CALLER, principal: { ...CALLER.principal, tenant } }));
    }
    expect(keys).toEqual(["a/b%2Fc", "a%2Fb/c", "%7Ba%7D/b"]);
  });

  it("are all asked, and a bucket that refuses gives the reservation back", () => {
    const time = createTime();
    const budgets = createBudgets(10);
    const { gate } = benchOf(
      policyOf(() => [charged, throttle()]),
      { clock: time, throttles: createThrottles(time), budgets },
    );
    expect(now(gate.submit(messageOf({}), CALLER)).kind).toBe("release");
    expect(now(gate.submit(messageOf({}), CALLER))).toMatchObject({ status: 429 });
    expect(budgets.log).toEqual(["reserve 3 yes", "reserve 3 yes", "void 3"]);
  });

  it("take no token for a message that no budget covers", () => {
    const { gate } = benchOf(
      policyOf(() => [charged, throttle()]),
      { throttles: { take: never }, budgets: createBudgets(2) },
    );
    expect(now(gate.submit(messageOf({}), CALLER))).toMatchObject({
      decision: { outcome: "DENY", rule_ids: ["budget.exhausted"] },
    });
  });

  it("are asked for nothing that is refused or held", () => {
    for (const finding of [deny(), requireHuman()]) {
      const budgets = createBudgets(10);
      const { gate } = benchOf(
        policyOf(() => [charged, throttle(), finding]),
        { throttles: { take: never }, budgets, holds: createHolds() },
      );
      expect(now(gate.submit(messageOf({}), CALLER)).kind).not.toBe("release");
      expect(budgets.log).toEqual([]);
    }
  });

  it.each([
    ["released", ["reserve 3 yes", "commit 3"]],
    ["failed", ["reserve 3 yes", "void 3"]],
    ["unknown", ["reserve 3 yes"]],
  ] as const)("end with a release that %s, told once", (result, log) => {
    const budgets = createBudgets(10);
    const { gate, records } = benchOf(
      policyOf(() => [charged]),
      { budgets },
    );
    const released = now(gate.submit(messageOf({}), CALLER));
    if (released.kind !== "release") throw new Error("not released");
    released.done(result);
    released.done("failed");
    expect(budgets.log).toEqual(log);
    expect(records.records.slice(1)).toMatchObject([
      { type: "outcome", decision_id: released.decision.decision_id, result },
    ]);
  });

  it("deny when they aren't there", () => {
    expect(now(benchOf(policyOf(() => [charged])).gate.submit(messageOf({}), CALLER))).toMatchObject({
      decision: { outcome: "DENY", rule_ids: ["budget.unavailable"] },
    });
    expect(now(benchOf(slow).gate.submit(messageOf({}), CALLER))).toMatchObject({
      decision: { outcome: "DENY", rule_ids: ["throttle.unavailable"] },
    });
  });

  it("put their state into the input only where the policy reads it", () => {
    const budgets = createBudgets(5);
    const seen: unknown[] = [];
    const rules = (input: { budget_state: unknown }): [ReturnType<typeof allow>] => {
      seen.push(input.budget_state);
      return [allow()];
    };
    now(benchOf(policyOf(rules), { budgets }).gate.submit(messageOf({}), CALLER));
    now(
      benchOf(policyOf(rules, { reads: ["/message"] }), { budgets: { ...budgets, state: never } }).gate.submit(
        messageOf({}),
        CALLER,
      ),
    );
    expect(seen).toEqual([{ all: { limit: 5, committed: 0, reserved: 0, remaining: 5 } }, {}]);
    const away = benchOf(policyOf(rules), { budgets: { ...budgets, state: never } });
    expect(now(away.gate.submit(messageOf({}), CALLER))).toMatchObject({
      decision: { rule_ids: ["budget.unavailable"] },
    });
  });
});
