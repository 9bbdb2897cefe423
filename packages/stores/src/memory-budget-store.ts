import type { BudgetOwner } from "@cortexos/kernel";
import { tightestByScope, viewAccount, type AccountView } from "./budget-account.ts";
import { openBudgetBook, type BudgetBook } from "./budget-book.ts";
import { ACCOUNT_COUNT_MAX, RESERVATION_COUNT_MAX, type BudgetLedger } from "./budget-ledger.ts";
import { planBudgets, type BudgetLimit } from "./budget-limits.ts";

/** Resolved reservations that are remembered, so that a repeated commit or void is known as such. */
export const RESOLVED_COUNT_MAX = 100_000;

/** Limits and bounds of {@link createMemoryBudgetStore}. */
export interface MemoryBudgetOptions {
  readonly limits?: readonly BudgetLimit[];
  /** {@link RESERVATION_COUNT_MAX} unless given. */
  readonly reservationCountMax?: number;
  /** Of each tenant; {@link ACCOUNT_COUNT_MAX} unless given. */
  readonly accountCountMax?: number;
  /** Milliseconds since 1970; a step back is taken for standing still. The process's own clock unless given. */
  readonly nowMs?: () => number;
}

/** A budget store that answers at once. */
export interface MemoryBudgetStore extends BudgetLedger {
  reserve(...asked: Parameters<BudgetLedger["reserve"]>): { readonly reserved: boolean; readonly scope?: string };
  commit(...asked: Parameters<BudgetLedger["commit"]>): void;
  void(...asked: Parameters<BudgetLedger["void"]>): void;
  state(...asked: Parameters<BudgetLedger["state"]>): ReturnType<typeof tightestByScope>;
  settle(...asked: Parameters<BudgetLedger["settle"]>): ReturnType<BudgetBook["commit"]>;
  accounts(owner: BudgetOwner): readonly AccountView[];
}

/**
 * Budgets of one process.
 *
 * @throws StoresError `budget.limits` for limits that aren't safe integers, or a limit given twice.
 */
export function createMemoryBudgetStore(options: MemoryBudgetOptions = {}): MemoryBudgetStore {
  const { limits = [], reservationCountMax = RESERVATION_COUNT_MAX, nowMs = processMs } = options;
  const { accountCountMax = ACCOUNT_COUNT_MAX } = options;
  const plan = planBudgets(limits);
  const bounds = { reservationCountMax, resolvedCountMax: RESOLVED_COUNT_MAX, accountCountMax };
  const books = new Map<string, BudgetBook>();
  let latestMs = 0;
  const now = (): number => {
    latestMs = Math.max(latestMs, nowMs());
    return latestMs;
  };
  const bookOf = (tenant: string): BudgetBook => {
    const known = books.get(tenant) ?? openBudgetBook(bounds);
    books.set(tenant, known);
    return known;
  };
  const accounts = (owner: BudgetOwner): readonly AccountView[] => {
    const atMs = now();
    const book = bookOf(owner.tenant);
    return plan.accountsOf(owner).map((account) => viewAccount(account, book.accountAt(account, atMs)));
  };
  return {
    reserve: (id, amounts, owner) => bookOf(owner.tenant).reserve(id, plan.chargesOf(owner, amounts), now()),
    commit: (id, owner) => void bookOf(owner.tenant).commit(id, now()),
    void: (id, owner) => bookOf(owner.tenant).void(id, now()),
    settle: (id, owner, actual) => bookOf(owner.tenant).commit(id, now(), actual),
    accounts,
    state: ({ id: agent, tenant }, run) => tightestByScope(accounts({ tenant, agent, run })),
  };
}

function processMs(): number {
  return Math.floor(performance.timeOrigin + performance.now());
}
