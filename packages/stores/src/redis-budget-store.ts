import type { BudgetAmount, BudgetOwner } from "@cortexos/kernel";
import { tightestByScope, viewAccount, type AccountState, type AccountView } from "./budget-account.ts";
import { actualSums, conflicting, isResolved, unknownReservation } from "./budget-book.ts";
import { RESERVATION_COUNT_MAX, RESERVATION_MS_MAX, type SharedBudgetLedger, type Spending } from "./budget-ledger.ts";
import { amountsText, planBudgets, type BudgetLimit } from "./budget-limits.ts";
import { keyPart } from "./key-part.ts";
import { openLedgerSlots, partOf, STEP_COUNT_MAX, type LedgerStep } from "./redis-ledger-slots.ts";
import { REDIS_KEY_PREFIX, type RedisStoreOptions } from "./redis-link.ts";
import { StoresError } from "./stores-error.ts";

/** How long Redis remembers a reservation after its end, so that a call that comes again is known as such. */
export const RESOLVED_MS_MAX = 120_000;

/** Limits of {@link createRedisBudgetStore}. */
export interface RedisBudgetOptions extends RedisStoreOptions {
  readonly limits: readonly BudgetLimit[];
  /** {@link RESERVATION_COUNT_MAX} unless given. */
  readonly reservationCountMax?: number;
}

/**
 * Budgets of many processes in Redis: steps of one tenant that come together are one script, all keys of a tenant are in one hash slot, time is Redis's own. What was decided stands in
 * Redis alone; limits come from configuration with each call.
 *
 * @throws StoresError `budget.limits`.
 */
export function createRedisBudgetStore(options: RedisBudgetOptions): SharedBudgetLedger {
  return redisBudgets(options, () => "");
}

/** The same, on a clock in milliseconds that a test gives; the empty text is Redis's own. */
export function redisBudgets(options: RedisBudgetOptions, nowMs: () => number | ""): SharedBudgetLedger {
  const { redis, limits, keyPrefix = REDIS_KEY_PREFIX, reservationCountMax = RESERVATION_COUNT_MAX } = options;
  const plan = planBudgets(limits);
  const slots = openLedgerSlots(
    { redis, keyPrefix, reservationCountMax, resolvedMs: RESOLVED_MS_MAX, reservationMs: RESERVATION_MS_MAX },
    nowMs,
  );

  function restoring({ amounts, atMs, owner, reservationId }: Spending): readonly LedgerStep[] {
    // A scope that has no limit any more has nothing to be restored.
    const limited = new Set(plan.accountsOf(owner).map(({ scope }) => scope));
    const kept = amounts.filter(({ scope }) => limited.has(scope));
    const { charges, text } = plan.chargesOf(owner, kept);
    return charges.length === 0 ? [] : [["restore", keyPart(reservationId), text, atMs, charges.map(partOf)]];
  }

  async function accounts(owner: BudgetOwner): Promise<readonly AccountView[]> {
    const own = plan.accountsOf(owner);
    const told = await slots.take(owner.tenant, ["read", own.map(partOf)]);
    return own.map((account, i) => viewAccount(account, readState(told, i)));
  }

  return {
    accounts,
    rewound: () => slots.lost(),
    async restore({ tenant }, spendings) {
      for await (const batch of batchesOf(spendings)) {
        const steps = batch.filter(({ owner }) => owner.tenant === tenant).flatMap(restoring);
        if (steps.length > 0) await slots.force(tenant, steps);
      }
      await slots.renew(tenant);
    },
    async reserve(id, amounts, { tenant, ...more }) {
      const { charges, refused, text } = plan.chargesOf({ tenant, ...more }, amounts);
      const isRefused = refused !== undefined;
      const told = await slots.take(tenant, ["reserve", keyPart(id), text, isRefused, charges.map(partOf)]);
      return readReserved(id, told, refused);
    },
    async commit(id, { tenant }) {
      readResolved(id, await slots.take(tenant, ["commit", keyPart(id), "", []]));
    },
    async void(id, { tenant }) {
      readResolved(id, await slots.take(tenant, ["void", keyPart(id)]));
    },
    async settle(id, { tenant }, amounts) {
      const sums = actualSums(id, amounts);
      const actual = [...sums].map(([scope, amount]) => [scope, String(amount)] as const);
      return readResolved(id, await slots.take(tenant, ["commit", keyPart(id), amountsText(sums), actual]));
    },
    state: async ({ id: agent, tenant }, runId) => tightestByScope(await accounts({ tenant, agent, run: runId })),
  };
}

async function* batchesOf(spendings: AsyncIterable<Spending> | Iterable<Spending>): AsyncIterable<readonly Spending[]> {
  let batch: Spending[] = [];
  for await (const spending of spendings) {
    batch.push(spending);
    if (batch.length < STEP_COUNT_MAX) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

function readReserved(
  id: string,
  [answer, scope]: readonly unknown[],
  refused: string | undefined,
): { readonly reserved: boolean; readonly scope?: string } {
  switch (answer) {
    case "yes":
      return { reserved: true };
    case "no": {
      const short = refused ?? scope;
      return { reserved: false, ...(typeof short === "string" && short !== "" && { scope: short }) };
    }
    case "conflict":
      throw conflicting(id);
    default:
      throw senseless();
  }
}

function readResolved(id: string, [answer, detail, ...overruns]: readonly unknown[]): readonly BudgetAmount[] {
  switch (answer) {
    case "done":
      return Array.from({ length: overruns.length / 2 }, (_, i) => ({
        scope: String(overruns[i * 2]),
        amount: Number(overruns[i * 2 + 1]),
      }));
    case "unknown":
      throw unknownReservation(id);
    case "resolved":
      throw isResolved(id, String(detail));
    case "conflict":
      throw conflicting(id);
    case "scope":
      throw new StoresError("budget.amount", `reservation ${id} has nothing of scope ${String(detail)}`);
    default:
      throw senseless();
  }
}

function readState(told: readonly unknown[], i: number): AccountState {
  const [committed, reserved, debt, window] = told.slice(i * 4, i * 4 + 4).map(Number);
  if (committed === undefined || reserved === undefined || debt === undefined || window === undefined) {
    throw senseless();
  }
  return { committed, reserved, debt, window };
}

function senseless(): StoresError {
  return new StoresError("store.refused", "Redis: a budget's answer makes no sense");
}
