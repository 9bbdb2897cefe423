import type { BudgetAmount, BudgetOwner } from "@cortexos/kernel";
import { tightestByScope, viewAccount, type AccountState, type AccountView } from "./budget-account.ts";
import { actualSums, conflicting, isResolved, unknownReservation } from "./budget-book.ts";
import { RESERVATION_COUNT_MAX, RESERVATION_MS_MAX, RUN_ACCOUNT_MS_MAX, type BudgetLedger } from "./budget-ledger.ts";
import { amountsText, planBudgets, type Account, type BudgetLimit } from "./budget-limits.ts";
import { keyPart } from "./key-part.ts";
import { READ_ACCOUNTS, RESERVE, RESOLVE } from "./redis-budget-scripts.ts";
import { createRedisFence } from "./redis-fence.ts";
import { REDIS_KEY_PREFIX, type RedisStoreOptions } from "./redis-link.ts";
import type { RedisScript } from "./redis-script.ts";
import { StoresError } from "./stores-error.ts";

/** How long Redis remembers a reservation after its end, so that a call that comes again is known as such. */
export const RESOLVED_MS_MAX = 120_000;

/** Limits of {@link createRedisBudgetStore}. */
export interface RedisBudgetOptions extends RedisStoreOptions {
  readonly limits: readonly BudgetLimit[];
  /** {@link RESERVATION_COUNT_MAX} unless given. */
  readonly reservationCountMax?: number;
}

/** A ledger in Redis that knows when Redis lost writes. */
export interface RedisBudgetStore extends BudgetLedger {
  /** Tenants whose ledger holds less than was acknowledged. Nothing is reserved for them until it is forgiven. */
  rewound(): readonly string[];
}

/**
 * Budgets of many processes in Redis: each call is one script, all keys of a tenant are in one hash slot, time is Redis's own. What was decided stands in
 * Redis alone; limits come from configuration with each call.
 *
 * @throws StoresError `budget.limits`.
 */
export function createRedisBudgetStore(options: RedisBudgetOptions): RedisBudgetStore {
  return redisBudgets(options, () => "");
}

/** The same, on a clock in milliseconds that a test gives; the empty text is Redis's own. */
export function redisBudgets(options: RedisBudgetOptions, nowMs: () => number | ""): RedisBudgetStore {
  const { redis, limits, keyPrefix = REDIS_KEY_PREFIX, reservationCountMax = RESERVATION_COUNT_MAX } = options;
  const plan = planBudgets(limits);
  const fence = createRedisFence(redis);
  const now = (): number | "" => {
    const atMs = nowMs();
    return atMs === "" ? "" : atMs * 1_000;
  };

  async function run(script: RedisScript, owner: BudgetOwner, asked: Asked): Promise<readonly unknown[]> {
    const base = slotBase(keyPrefix, owner.tenant);
    const parts = JSON.stringify(asked.accounts.map((account) => partOf(base, account)));
    const keys = [`${base}fence`, `${base}pending`, `${base}reservation:${keyPart(asked.id)}`] as const;
    return fence.run(script, { keys, now: now(), args: [base, keyPart(asked.id), parts, ...asked.args] });
  }

  async function resolve(id: string, owner: BudgetOwner, end: Ending): Promise<readonly BudgetAmount[]> {
    const told = await run(RESOLVE, owner, {
      id,
      accounts: [],
      args: [end.verb, end.text, end.actual, RESOLVED_MS_MAX],
    });
    return readResolved(id, told);
  }

  async function accounts(owner: BudgetOwner): Promise<readonly AccountView[]> {
    const own = plan.accountsOf(owner);
    const told = await run(READ_ACCOUNTS, owner, { id: "", accounts: own, args: [RESOLVED_MS_MAX] });
    return own.map((account, i) => viewAccount(account, readState(told, i)));
  }

  return {
    accounts,
    rewound: () => fence.rewound(),
    async reserve(id, amounts, owner) {
      const { charges, refused, text } = plan.chargesOf(owner, amounts);
      const args = [text, refused === undefined ? 0 : 1, reservationCountMax, RESERVATION_MS_MAX, RESOLVED_MS_MAX];
      const told = await run(RESERVE, owner, { id, accounts: charges, args });
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

interface Asked {
  readonly id: string;
  readonly accounts: readonly (Account & { readonly amount?: number })[];
  /** From ARGV 9 on. */
  readonly args: readonly (number | string)[];
}

interface Ending {
  readonly verb: "commit" | "void";
  /** What it really cost, as text; empty where it cost what was reserved. */
  readonly text: string;
  /** The same, as scopes and amounts. */
  readonly actual: string;
}

/** Never an empty tag: Redis would hash the whole key then. */
function slotBase(prefix: string, tenant: string): string {
  return `${prefix}:{t.${keyPart(tenant)}}:`;
}

/** Amounts travel as text: JSON's numbers lose digits in Lua. */
function partOf(base: string, { key, scope, limit, windowMs, per, amount = 0 }: Asked["accounts"][number]): unknown {
  const idleMs = per === "run" && windowMs === 0 ? RUN_ACCOUNT_MS_MAX : 0;
  return { k: `${base}account:${key}`, s: scope, l: `${limit}`, n: `${amount}`, w: `${windowMs}`, i: `${idleMs}` };
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
