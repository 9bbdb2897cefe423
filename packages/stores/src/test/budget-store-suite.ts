import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BudgetLedger } from "../budget-ledger.ts";
import type { BudgetLimit } from "../budget-limits.ts";
import { createBudgetModel, SUITE_LIMITS, type Asked, type BudgetModel, type Owner } from "./budget-model.ts";
import { samplePrincipal } from "./samples.ts";

/** A ledger under test whose clock the suite moves. */
export interface BudgetSubject {
  readonly ledger: BudgetLedger;
  readonly advanceMs: (ms: number) => void;
}

/** Time at which every subject begins. */
export const SUITE_START_MS = 1_000_000_100_000;

type Step =
  | { readonly do: "reserve"; readonly id: string; readonly owner: Owner; readonly asked: readonly Asked[] }
  | { readonly do: "commit" | "void"; readonly id: string; readonly owner: Owner }
  | { readonly do: "settle"; readonly id: string; readonly owner: Owner; readonly asked: readonly Asked[] }
  | { readonly do: "advance"; readonly ms: number };

const OWNERS: readonly Owner[] = [
  { tenant: "acme", agent: "agent", run: "1" },
  { tenant: "acme", agent: "agent", run: "2" },
  { tenant: "acme", agent: "bot:1", run: "1" },
  { tenant: "acme", agent: "bot", run: "1:1" },
  { tenant: "other", agent: "agent", run: "1" },
];
const OWNER: Owner = { tenant: "acme", agent: "agent", run: "1" };

/** An id names the scope that most of its steps are about, so that reserving and settling meet. */
const idArb = fc.constantFrom("a0", "a1", "b0", "b1", "b2", "c0", "c1", "c2");
const ownerArb = fc.oneof({ weight: 3, arbitrary: fc.constant(OWNER) }, fc.constantFrom(...OWNERS));
const scopeArb = fc.constantFrom("a", "b", "c", "d", "e", "none");

/** @param max - most of each amount. */
function amountsArb(id: string, max: number): fc.Arbitrary<readonly Asked[]> {
  const amount = fc.integer({ min: 0, max });
  const odd = fc.oneof(amount, fc.constantFrom(-1, 0.5, Number.NaN, 2 ** 53));
  return fc.oneof(
    { weight: 5, arbitrary: amount.map((each) => [{ scope: id.charAt(0), amount: each }]) },
    fc.array(fc.record({ scope: scopeArb, amount: odd }), { maxLength: 3 }),
  );
}

const stepArb: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(idArb, ownerArb).chain(([id, owner]) =>
      fc.oneof(
        { weight: 3, arbitrary: amountsArb(id, 70).map((asked) => ({ do: "reserve" as const, id, owner, asked })) },
        { weight: 3, arbitrary: amountsArb(id, 250).map((asked) => ({ do: "settle" as const, id, owner, asked })) },
        {
          weight: 2,
          arbitrary: fc.constantFrom("commit" as const, "void" as const).map((verb) => ({ do: verb, id, owner })),
        },
      ),
    ),
  },
  fc.record({ do: fc.constant("advance" as const), ms: fc.integer({ min: 0, max: 1_200_000 }) }),
);

/** What every budget ledger does. `create` gives an empty one at {@link SUITE_START_MS}. */
export function describeBudgetStore(
  name: string,
  create: (limits: readonly BudgetLimit[]) => BudgetSubject | Promise<BudgetSubject>,
  { runCount = 250 }: { readonly runCount?: number } = {},
): void {
  describe(`${name}`, () => {
    it("P10: conserves budgets: never more committed and reserved than the limit, in agreement with a ledger of whole numbers", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(stepArb, { maxLength: 80 }), async (steps) => {
          const subject = await create(SUITE_LIMITS);
          const model = createBudgetModel(SUITE_START_MS);
          for (const step of steps) {
            expect(await applied(subject, step)).toEqual(modelled(model, step));
            if (step.do === "advance") continue;
            const accounts = await subject.ledger.accounts(step.owner);
            expect(accounts).toEqual(model.accounts(step.owner));
            for (const { committed, debt, limit, remaining, reserved } of accounts) {
              expect(committed + reserved).toBeLessThanOrEqual(limit);
              expect(remaining).toBe(Math.max(0, limit - committed - reserved - debt));
            }
          }
        }),
        { numRuns: runCount },
      );
    });

    it("admits exactly the limit to many at once", async () => {
      const { ledger } = await create(SUITE_LIMITS);
      const answers = await Promise.all(
        Array.from({ length: 640 }, async (_, i) => ledger.reserve(`r${i}`, [{ scope: "a", amount: 1 }], OWNER)),
      );
      expect(answers.filter((answer) => answer.reserved)).toHaveLength(100);
    });

    it("H128: charges once for an id, however often it comes", async () => {
      const { ledger } = await create(SUITE_LIMITS);
      const reserve = async (): Promise<unknown> => ledger.reserve("r", [{ scope: "a", amount: 30 }], OWNER);
      expect(await Promise.all(Array.from({ length: 20 }, reserve))).toEqual(Array(20).fill({ reserved: true }));
      await Promise.all(Array.from({ length: 20 }, async () => ledger.commit("r", OWNER)));
      expect((await ledger.state(samplePrincipal("agent"), "1"))["a"]).toEqual({
        limit: 100,
        committed: 30,
        reserved: 0,
        remaining: 70,
      });
    });

    it("settles once, however often the same cost is told, and refuses another", async () => {
      const { ledger } = await create(SUITE_LIMITS);
      await ledger.reserve("r", [{ scope: "a", amount: 30 }], OWNER);
      const settle = async (amount: number): Promise<unknown> => ledger.settle("r", OWNER, [{ scope: "a", amount }]);
      expect(await settle(45)).toEqual([{ scope: "a", amount: 15 }]);
      expect(await settle(45)).toEqual([{ scope: "a", amount: 15 }]);
      await expect(settle(44)).rejects.toMatchObject({ code: "budget.conflict" });
      expect((await ledger.accounts(OWNER))[0]).toMatchObject({ committed: 30, debt: 15, remaining: 55 });
      expect((await ledger.reserve("s", [{ scope: "a", amount: 56 }], OWNER)).reserved).toBe(false);
    });

    it("H127: keeps tenants, agents and runs apart whose names look alike", async () => {
      const { ledger } = await create([{ scope: "x", limit: 1, per: "run" }]);
      const names = ["a", "a:b", "b", "b:c", "a}", "{a", "a}:{b", "%3A", "", "t.a", "run", "é"];
      for (const [tenant, agent, run] of [
        ...names.map((name) => [name, "a", "b"] as const),
        ...names.map((name) => ["", name, "c"] as const),
        ...names.map((name) => ["", "d", name] as const),
      ]) {
        expect(await ledger.reserve("r" + agent + run, [{ scope: "x", amount: 1 }], { tenant, agent, run })).toEqual({
          reserved: true,
        });
      }
    });

    it("counts what nobody resolved in time as spent, and gives none of it back", async () => {
      const { ledger, advanceMs } = await create(SUITE_LIMITS);
      await ledger.reserve("r", [{ scope: "a", amount: 40 }], OWNER);
      advanceMs(600_000);
      expect((await ledger.accounts(OWNER))[0]).toMatchObject({ committed: 40, reserved: 0, remaining: 60 });
      await expect((async () => ledger.void("r", OWNER))()).rejects.toMatchObject({ code: "budget.resolved" });
      await ledger.commit("r", OWNER);
      expect((await ledger.accounts(OWNER))[0]).toMatchObject({ committed: 40, reserved: 0 });
    });

    it("H121: tells an overrun, keeps it as debt, and pays it from the next windows first", async () => {
      const { ledger, advanceMs } = await create(SUITE_LIMITS);
      await ledger.reserve("r", [{ scope: "b", amount: 100 }], OWNER);
      expect(await ledger.settle("r", OWNER, [{ scope: "b", amount: 250 }])).toEqual([{ scope: "b", amount: 150 }]);
      const view = async (): Promise<unknown> => (await ledger.accounts(OWNER))[1];
      expect(await view()).toMatchObject({ committed: 100, debt: 150, remaining: 0 });
      advanceMs(500_000);
      expect(await view()).toMatchObject({ committed: 100, debt: 50, remaining: 0 });
      advanceMs(500_000);
      expect(await view()).toMatchObject({ committed: 50, debt: 0, remaining: 50 });
      advanceMs(500_000);
      expect(await view()).toMatchObject({ committed: 0, debt: 0, remaining: 100 });
    });

    it("H124: grants nothing when its clock steps back", async () => {
      const { ledger, advanceMs } = await create(SUITE_LIMITS);
      await ledger.reserve("r", [{ scope: "b", amount: 100 }], OWNER);
      await ledger.commit("r", OWNER);
      advanceMs(-600_000);
      expect(await ledger.reserve("s", [{ scope: "b", amount: 1 }], OWNER)).toEqual({ reserved: false, scope: "b" });
    });

    it("H122: keeps sums exact up to the largest safe integer", async () => {
      const limit = Number.MAX_SAFE_INTEGER;
      const { ledger } = await create([{ scope: "big", limit }]);
      const reserve = async (id: string, amount: number): Promise<boolean> =>
        (await ledger.reserve(id, [{ scope: "big", amount }], OWNER)).reserved;
      expect(await reserve("r", limit - 2)).toBe(true);
      expect(await reserve("s", 3)).toBe(false);
      expect(await reserve("t", 2)).toBe(true);
      await ledger.settle("r", OWNER, [{ scope: "big", amount: limit }]);
      expect((await ledger.accounts(OWNER))[0]).toMatchObject({ committed: limit - 2, reserved: 2, debt: 2 });
    });

    it("tells a policy of each scope the account with the least left", async () => {
      const { ledger } = await create(SUITE_LIMITS);
      await ledger.reserve("r", [{ scope: "c", amount: 30 }], OWNER);
      await ledger.reserve("s", [{ scope: "c", amount: 40 }], { ...OWNER, run: "2" });
      const state = await ledger.state(samplePrincipal("agent"), "3");
      expect(Object.keys(state)).toEqual(["a", "b", "c"]);
      expect(state["c"]).toEqual({ limit: 100, committed: 0, reserved: 70, remaining: 30 });
    });
  });
}

/** Gives the answer, or the code of what was thrown. */
async function applied({ ledger, advanceMs }: BudgetSubject, step: Step): Promise<unknown> {
  try {
    switch (step.do) {
      case "reserve":
        return (await ledger.reserve(step.id, step.asked, step.owner)).reserved;
      case "commit":
        await ledger.commit(step.id, step.owner);
        return [];
      case "settle":
        return await ledger.settle(step.id, step.owner, step.asked);
      case "void":
        await ledger.void(step.id, step.owner);
        return undefined;
      case "advance":
        advanceMs(step.ms);
        return undefined;
    }
  } catch (reason) {
    return reason instanceof Error && "code" in reason ? reason.code : reason;
  }
}

function modelled(model: BudgetModel, step: Step): unknown {
  switch (step.do) {
    case "reserve":
      return model.reserve(step.id, step.owner, step.asked);
    case "commit":
      return model.commit(step.id, step.owner);
    case "settle":
      return model.commit(step.id, step.owner, step.asked);
    case "void":
      return model.void(step.id, step.owner);
    case "advance":
      model.advance(step.ms);
      return undefined;
  }
}
