import type { BudgetAmount, BudgetOwner, BudgetStore, MaybePromise } from "@cortexos/kernel";
import type { AccountView } from "./budget-account.ts";

/** Reservations open at once, of each tenant; a further one is not reserved. */
export const RESERVATION_COUNT_MAX = 100_000;

/** How long a reservation waits to be committed or voided before it counts as spent. */
export const RESERVATION_MS_MAX = 600_000;

/** How long the account of a run is kept in which nothing is spent; then it may be forgotten. */
export const RUN_ACCOUNT_MS_MAX = 2_592_000_000;

/** Accounts of one tenant that memory keeps; what needs a further one is not reserved. */
export const ACCOUNT_COUNT_MAX = 100_000;

/**
 * Budgets in two phases, with the semantics of a ledger: a reservation is immutable, exists at most once for each id of a tenant and is resolved
 * once; repeating a call with the same words changes nothing and gives the same answer; what was posted is never taken back. For every account and at
 * every time: committed + reserved ≤ limit. One that nobody resolves in time, by the store's clock, counts as spent: what may have been
 * released is never given back.
 */
export interface BudgetLedger extends BudgetStore {
  /**
   * Commits what a message really cost. Less than was reserved gives the rest back; more posts what was reserved and leaves the overrun as debt, which
   * is paid from the next windows before anything else is reserved. Scopes that aren't named cost what was reserved.
   *
   * @returns what each scope cost beyond its reservation; nothing of those that didn't.
   * @throws StoresError `budget.amount`, `budget.conflict`, `budget.resolved`, `budget.unknown`.
   */
  settle(
    reservationId: string,
    owner: BudgetOwner,
    actual: readonly BudgetAmount[],
  ): MaybePromise<readonly BudgetAmount[]>;
  /** Every account that an owner spends from. */
  accounts(owner: BudgetOwner): MaybePromise<readonly AccountView[]>;
}

/** What one message spent, as its record tells. */
export interface Spending {
  readonly reservationId: string;
  readonly owner: BudgetOwner;
  readonly amounts: readonly BudgetAmount[];
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

/** A tenant whose ledger holds less than was acknowledged. Everything of its is refused until what is missing was restored. */
export interface LostLedger {
  readonly tenant: string;
  /** What was spent from then on has to be restored, in milliseconds since 1970; 0 where nothing is left of it. */
  readonly sinceMs: number;
}

/** A ledger that outlives its processes, and knows when its store lost writes. */
export interface SharedBudgetLedger extends BudgetLedger {
  rewound(): readonly LostLedger[];
  /**
   * Posts what was spent and isn't there any more, each reservation once: up to the limit as committed, beyond it as debt. Then takes the ledger as it is.
   * What ended longer ago than the store remembers reservations may be counted twice, never too little.
   */
  restore(lost: LostLedger, spendings: AsyncIterable<Spending> | Iterable<Spending>): Promise<void>;
}
