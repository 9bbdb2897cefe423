import type { BudgetAmount, BudgetOwner } from "@cortexos/kernel";
import { joinKey } from "./key-part.ts";
import { StoresError } from "./stores-error.ts";

/** Whose spending one limit counts together, the widest first. */
export const BUDGET_LEVELS = ["tenant", "agent", "run"] as const;

export type BudgetLevel = (typeof BUDGET_LEVELS)[number];

/** What may be spent under one name. All limits that apply to a message must have room for it. */
export interface BudgetLimit {
  /** What a finding names. A scope without any limit has nothing to spend. */
  readonly scope: string;
  /** Micro-units; a safe integer, 0 or more. */
  readonly limit: number;
  /** Each tenant, each agent or each run has the limit for itself; `tenant` unless given. */
  readonly per?: BudgetLevel;
  /** Milliseconds after which spending begins anew, counted from 1970 on the store's clock; for ever unless given. */
  readonly windowMs?: number;
  /** Only for this tenant; for every one unless given. */
  readonly tenant?: string;
  /** Only for the agent of this id; for every one unless given. */
  readonly principal?: string;
}

/** Where spending is counted: what one limit means for one owner. */
export interface Account {
  /** Unique within a tenant. */
  readonly key: string;
  readonly scope: string;
  readonly per: BudgetLevel;
  readonly limit: number;
  /** 0 for ever. */
  readonly windowMs: number;
}

/** What is asked of one account. */
export interface Charge extends Account {
  readonly amount: number;
}

/** What a reservation means in accounts. */
export interface Charges {
  readonly charges: readonly Charge[];
  /** The amounts by scope, the same text for the same amounts. */
  readonly text: string;
  /** The first scope that nobody can spend from, or whose amount is none. */
  readonly refused?: string;
}

/** Limits as accounts. */
export interface BudgetPlan {
  accountsOf(owner: BudgetOwner): readonly Account[];
  chargesOf(owner: BudgetOwner, amounts: readonly BudgetAmount[]): Charges;
}

/**
 * Checks limits and tells what they mean for each owner.
 *
 * @throws StoresError `budget.limits` for numbers that aren't safe integers, or a limit given twice.
 */
export function planBudgets(limits: readonly BudgetLimit[]): BudgetPlan {
  checkBudgetLimits(limits);
  const accountsOf = (owner: BudgetOwner): readonly Account[] => {
    const accounts = new Map<string, Account>();
    for (const limit of limits) {
      if (!applies(limit, owner)) continue;
      const account = accountOf(limit, owner);
      const known = accounts.get(account.key);
      if (known === undefined || account.limit < known.limit) accounts.set(account.key, account);
    }
    return [...accounts.values()];
  };
  return {
    accountsOf,
    chargesOf(owner, amounts) {
      const sums = sumByScope(amounts);
      const text = amountsText(sums);
      const accounts = accountsOf(owner);
      const refused = refusedScope(amounts, sums, accounts);
      if (refused !== undefined) return { charges: [], text, refused };
      const charges = [...sums].flatMap(([scope, amount]) =>
        accounts.filter((account) => account.scope === scope).map((account) => ({ ...account, amount })),
      );
      return { charges, text };
    },
  };
}

/** Amounts by scope, those of one scope added up. */
export function sumByScope(amounts: readonly BudgetAmount[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { scope, amount } of amounts) sums.set(scope, (sums.get(scope) ?? 0) + amount);
  return sums;
}

/** The same text for the same amounts, in whatever order. */
export function amountsText(sums: ReadonlyMap<string, number>): string {
  const entries = [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(entries.map(([scope, amount]) => [scope, String(amount)]));
}

/** Whether a number counts micro-units exactly. */
export function isAmount(amount: number): boolean {
  return Number.isSafeInteger(amount) && amount >= 0;
}

function refusedScope(
  amounts: readonly BudgetAmount[],
  sums: ReadonlyMap<string, number>,
  accounts: readonly Account[],
): string | undefined {
  const unsound = amounts.find(({ amount }) => !isAmount(amount));
  if (unsound !== undefined) return unsound.scope;
  for (const [scope, sum] of sums) {
    if (!isAmount(sum) || !accounts.some((account) => account.scope === scope)) return scope;
  }
  return undefined;
}

/**
 * Checks that limits can be kept.
 *
 * @throws StoresError `budget.limits`, naming the limit.
 */
export function checkBudgetLimits(limits: readonly BudgetLimit[]): void {
  const seen = new Set<string>();
  for (const { scope, limit, per = "tenant", windowMs, tenant, principal } of limits) {
    if (!isAmount(limit)) throw new StoresError("budget.limits", `limit of ${scope} is ${limit}`);
    if (windowMs !== undefined && (!isAmount(windowMs) || windowMs === 0)) {
      throw new StoresError("budget.limits", `window of ${scope} is ${windowMs} ms`);
    }
    const name = JSON.stringify([scope, per, windowMs, tenant, principal]);
    if (seen.has(name)) throw new StoresError("budget.limits", `scope ${scope} is named twice for the same ones`);
    seen.add(name);
  }
}

function applies(limit: BudgetLimit, owner: BudgetOwner): boolean {
  const { tenant = owner.tenant, principal = owner.agent } = limit;
  return tenant === owner.tenant && principal === owner.agent;
}

function accountOf({ scope, limit, per = "tenant", windowMs = 0 }: BudgetLimit, owner: BudgetOwner): Account {
  const whose = { tenant: [], agent: [owner.agent], run: [owner.agent, owner.run] } as const;
  return { key: joinKey(per, scope, String(windowMs), ...whose[per]), scope, per, limit, windowMs };
}
