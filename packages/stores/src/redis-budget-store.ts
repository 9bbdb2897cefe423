import type { BudgetAmount, BudgetOwner } from "@cortexos/kernel";
import { tightestByScope, viewAccount, type AccountState, type AccountView } from "./budget-account.ts";
import { actualSums, conflicting, isResolved, unknownReservation } from "./budget-book.ts";
import { RESERVATION_COUNT_MAX, RESERVATION_MS_MAX, type SharedBudgetLedger, type Spending } from "./budget-ledger.ts";
import { amountsText, planBudgets, type BudgetLimit } from "./budget-limits.ts";
import { READ_ACCOUNTS, RESERVE, RESOLVE, RESTORE } from "./redis-budget-scripts.ts";
import { openLedgerSlots } from "./redis-ledger-slots.ts";
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

/** How long Redis remembers a reservation that was restored, so that several processes may restore at once. */
const RESTORED_MS_MAX = 3_600_000;

const RESTORE_COUNT_AT_ONCE = 64;

/**
 * Budgets of many processes in Redis: each call is one script, all keys of a tenant are in one hash slot, time is Redis's own. What was decided stands in
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
  const slots = openLedgerSlots({ redis, keyPrefix }, nowMs);

  async function restoreOne({ amounts, atMs, owner, reservationId: id }: Spending): Promise<void> {
    // A scope that has no limit any more has nothing to be restored.
    const limited = new Set(plan.accountsOf(owner).map(({ scope }) => scope));
    const { charges, text } = plan.chargesOf(
      owner,
      amounts.filter(({ scope }) => limited.has(scope)),
    );
    if (charges.length === 0) return;
    await slots.force(RESTORE, owner, { id, accounts: charges, args: [text, atMs, RESTORED_MS_MAX] });
  }

  async function resolve(id: string, owner: BudgetOwner, end: Ending): Promise<readonly BudgetAmount[]> {
    const told = await slots.run(RESOLVE, owner, {
      id,
      accounts: [],
      args: [end.verb, end.text, end.actual, RESOLVED_MS_MAX],
    });
    return readResolved(id, told);
  }

  async function accounts(owner: BudgetOwner): Promise<readonly AccountView[]> {
    const own = plan.accountsOf(owner);
    const told = await slots.run(READ_ACCOUNTS, owner, { id: "", accounts: own, args: [RESOLVED_MS_MAX] });
    return own.map((account, i) => viewAccount(account, readState(told, i)));
  }

  return {
    accounts,
    rewound: () => slots.lost(),
    async restore({ tenant }, spendings) {
      for await (const batch of batchesOf(spendings)) {
        await Promise.all(batch.filter(({ owner }) => owner.tenant === tenant).map(restoreOne));
      }
      await slots.renew(tenant);
    },
    async reserve(id, amounts, owner) {
      const { charges, refused, text } = plan.chargesOf(owner, amounts);
      const args = [text, refused === undefined ? 0 : 1, reservationCountMax, RESERVATION_MS_MAX, RESOLVED_MS_MAX];
      const told = await slots.run(RESERVE, owner, { id, accounts: charges, args });
      return readReserved(id, told, refused);
    },
    async commit(id, owner) {
      await resolve(id, owner, { verb: "commit", text: "", actual: "[]" });
    },
    async void(id, owner) {
      await resolve(id, owner, { verb: "void", text: "", actual: "[]" });
    },
    async settle(id, owner, amounts) {
      const sums = actualSums(id, amounts);
      const actual = JSON.stringify([...sums].map(([scope, amount]) => [scope, String(amount)]));
      return resolve(id, owner, { verb: "commit", text: amountsText(sums), actual });
    },
    state: async ({ id: agent, tenant }, runId) => tightestByScope(await accounts({ tenant, agent, run: runId })),
  };
}

interface Ending {
  readonly verb: "commit" | "void";
  /** What it really cost, as text; empty where it cost what was reserved. */
  readonly text: string;
  /** The same, as scopes and amounts. */
  readonly actual: string;
}

async function* batchesOf(spendings: AsyncIterable<Spending> | Iterable<Spending>): AsyncIterable<readonly Spending[]> {
  let batch: Spending[] = [];
  for await (const spending of spendings) {
    batch.push(spending);
    if (batch.length < RESTORE_COUNT_AT_ONCE) continue;
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
