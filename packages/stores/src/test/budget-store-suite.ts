import type { BudgetStore } from "@cortexos/kernel";
import type { Principal } from "@cortexos/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const PRINCIPAL: Principal = { id: "agent", kind: "agent", roles: [], tenant: "acme", authenticated_by: "config" };

type Step =
  | { readonly do: "reserve"; readonly id: number; readonly amounts: readonly { scope: string; amount: number }[] }
  | { readonly do: "commit" | "void"; readonly id: number };

const idArb = fc.integer({ min: 0, max: 7 });
const amountArb = fc.record({
  scope: fc.constantFrom("a", "b", "unlimited"),
  amount: fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 0, max: 60 }) },
    fc.constantFrom(-1, 0.5, Number.NaN, 2 ** 53),
  ),
});
const stepArb: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("reserve" as const), id: idArb, amounts: fc.array(amountArb, { maxLength: 3 }) }),
  fc.record({ do: fc.constantFrom("commit" as const, "void" as const), id: idArb }),
);

/** What every budget store does, with a limit of 100 on scopes `a` and `b` and none on others. */
export function describeBudgetStore(name: string, create: () => BudgetStore): void {
  describe(`${name}`, () => {
    it("never has more committed and reserved than the limit, and agrees with a ledger of whole numbers", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(stepArb, { maxLength: 60 }), async (steps) => {
          const store = create();
          const model = createModel();
          for (const step of steps) {
            const expected = model.apply(step);
            expect(await applied(store, step)).toEqual(expected);
            const state = await store.state(PRINCIPAL);
            expect(state).toEqual(model.state());
            for (const { committed, limit, remaining, reserved } of Object.values(state)) {
              expect(committed + reserved).toBeLessThanOrEqual(limit);
              expect(remaining).toBe(limit - committed - reserved);
            }
          }
        }),
      );
    });

    it("admits exactly the limit to many at once", async () => {
      const store = create();
      const answers = await Promise.all(
        Array.from({ length: 640 }, async (_, i) => store.reserve(`r${i}`, [{ scope: "a", amount: 1 }])),
      );
      expect(answers.filter((answer) => answer.reserved)).toHaveLength(100);
    });
  });
}

/** Gives the answer, or the code of what was thrown. */
async function applied(store: BudgetStore, step: Step): Promise<unknown> {
  try {
    if (step.do === "reserve") return (await store.reserve(`r${step.id}`, step.amounts)).reserved;
    await (step.do === "commit" ? store.commit(`r${step.id}`) : store.void(`r${step.id}`));
    return undefined;
  } catch (reason) {
    return reason instanceof Error && "code" in reason ? reason.code : reason;
  }
}

type Known = { readonly amounts: string; readonly parts: readonly (readonly [string, bigint])[]; state: string };

/** The naive reference: a list of reservations, summed up anew each time. */
function createModel(): { apply(step: Step): unknown; state(): unknown } {
  const known = new Map<number, Known>();
  const spent = (scope: string, state: string): bigint => {
    let sum = 0n;
    for (const reservation of known.values()) {
      if (reservation.state !== state) continue;
      for (const [name, amount] of reservation.parts) if (name === scope) sum += amount;
    }
    return sum;
  };
  const reserve = (id: number, asked: readonly { scope: string; amount: number }[]): unknown => {
    const amounts = JSON.stringify(totals(asked));
    const earlier = known.get(id);
    if (earlier !== undefined) return earlier.amounts === amounts ? earlier.state !== "void" : "budget.conflict";
    if (asked.some(({ amount }) => !Number.isSafeInteger(amount) || amount < 0)) return false;
    const parts = totals(asked).map(([scope, amount]) => [scope, BigInt(amount)] as const);
    const fits = parts.every(([scope, amount]) => {
      const limit = scope === "unlimited" ? undefined : 100n;
      return limit !== undefined && spent(scope, "reserve") + spent(scope, "commit") + amount <= limit;
    });
    if (fits) known.set(id, { amounts, parts, state: "reserve" });
    return fits;
  };
  return {
    apply(step) {
      if (step.do === "reserve") return reserve(step.id, step.amounts);
      const reservation = known.get(step.id);
      if (reservation === undefined) return "budget.unknown";
      if (reservation.state !== "reserve" && reservation.state !== step.do) return "budget.resolved";
      reservation.state = step.do;
      return undefined;
    },
    state: () =>
      Object.fromEntries(
        ["a", "b"].map((scope) => {
          const committed = Number(spent(scope, "commit"));
          const reserved = Number(spent(scope, "reserve"));
          return [scope, { limit: 100, committed, reserved, remaining: 100 - committed - reserved }];
        }),
      ),
  };
}

function totals(asked: readonly { scope: string; amount: number }[]): readonly (readonly [string, number])[] {
  const sums = new Map<string, number>();
  for (const { scope, amount } of asked) sums.set(scope, (sums.get(scope) ?? 0) + amount);
  return [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
