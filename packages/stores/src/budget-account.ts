import type { BudgetStateInput } from "@cortexos/protocol";
import type { Account, BudgetLevel } from "./budget-limits.ts";

/** What has been counted in one account. INVARIANT: `committed + reserved` is at most the limit. */
export interface AccountState {
  /** Spent in this window. */
  readonly committed: number;
  /** Set aside, from whatever window. */
  readonly reserved: number;
  /** Spent beyond what was reserved: paid from what comes free, before anything else. */
  readonly debt: number;
  /** Number of the window since 1970; only grows. */
  readonly window: number;
}

/** One account as people and policies see it. */
export interface AccountView extends BudgetStateInput {
  readonly scope: string;
  readonly per: BudgetLevel;
  readonly debt: number;
  readonly windowMs: number;
}

const EMPTY: AccountState = { committed: 0, reserved: 0, debt: 0, window: 0 };

/** An account at a time. A new window forgets what was committed and pays debt first, as much in each window as it has room for. */
export function accountAt(
  state: AccountState | undefined,
  { limit, windowMs }: Pick<Account, "limit" | "windowMs">,
  atMs: number,
): AccountState {
  const known = state ?? EMPTY;
  const window = windowMs === 0 ? 0 : Math.floor(atMs / windowMs);
  if (window <= known.window) return known;
  if (state === undefined) return { ...EMPTY, window };
  const room = Math.max(0, limit - known.reserved);
  const left = Math.max(0, known.debt - room * (window - known.window - 1));
  const committed = Math.min(left, room);
  return { committed, reserved: known.reserved, debt: left - committed, window };
}

/** What can still be reserved. Subtracts, so that sums can't leave the safe integers; negative where there is debt. */
export function freeOf({ committed, debt, reserved }: AccountState, limit: number): number {
  return limit - committed - reserved - debt;
}

/** Posts a charge: what was reserved at most, and what it cost beyond that as debt. */
export function postCharge(state: AccountState, amount: number, actual: number): AccountState {
  return {
    ...state,
    reserved: Math.max(0, state.reserved - amount),
    committed: state.committed + Math.min(amount, actual),
    debt: Math.min(Number.MAX_SAFE_INTEGER, state.debt + Math.max(0, actual - amount)),
  };
}

/** An account to be seen. */
export function viewAccount(account: Account, state: AccountState): AccountView {
  const { limit, per, scope, windowMs } = account;
  const { committed, debt, reserved } = state;
  const remaining = Math.max(0, freeOf(state, limit));
  return { scope, per, limit, committed, reserved, remaining, debt, windowMs };
}

/** For each scope the account with the least left: what a policy reads. */
export function tightestByScope(views: readonly AccountView[]): Readonly<Record<string, BudgetStateInput>> {
  const tightest = new Map<string, BudgetStateInput>();
  for (const { scope, limit, committed, reserved, remaining } of views) {
    const known = tightest.get(scope);
    if (known === undefined || remaining < known.remaining) {
      tightest.set(scope, { limit, committed, reserved, remaining });
    }
  }
  return Object.fromEntries(tightest);
}
