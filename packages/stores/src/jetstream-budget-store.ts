import type { BudgetOwner } from "@cortexos/kernel";
import { tightestByScope, viewAccount, type AccountView } from "./budget-account.ts";
import { openBudgetBook, type BudgetBook } from "./budget-book.ts";
import type { BudgetLedger } from "./budget-ledger.ts";
import { planBudgets, type BudgetLimit } from "./budget-limits.ts";
import { bucketKey, createBucketStates, createSavedStates } from "./bucket-states.ts";
import { openBucket, type BucketOptions } from "./jetstream-bucket.ts";
import { readBook } from "./saved-state.ts";

/** Bucket of the budgets unless told otherwise. */
export const BUDGET_BUCKET = "CORTEXOS_BUDGETS";

/** Open reservations of one tenant in JetStream, whose whole ledger is one message; a further one is not reserved. */
export const BUCKET_RESERVATION_COUNT_MAX = 500;

/** Resolved reservations of one tenant that JetStream remembers. */
export const BUCKET_RESOLVED_COUNT_MAX = 500;

/** Accounts of one tenant in JetStream. */
export const BUCKET_ACCOUNT_COUNT_MAX = 2_000;

/** Bucket and limits of {@link openJetStreamBudgetStore}. */
export interface JetStreamBudgetOptions extends Omit<BucketOptions, "bucket"> {
  /** {@link BUDGET_BUCKET} unless given. */
  readonly bucket?: string;
  readonly limits: readonly BudgetLimit[];
}

/** A ledger that knows when its bucket lost writes. */
export interface JetStreamBudgetStore extends BudgetLedger {
  isRewound(): boolean;
}

/**
 * Budgets in a key-value bucket of JetStream, one key a tenant, on the server's clock. What comes while a write is under way travels in the next, so one
 * process gets far, and many at once contend for the bucket: Redis is for those.
 *
 * @throws StoresError `budget.limits`, `stream.unavailable`, `stream.unsafe`.
 */
export function openJetStreamBudgetStore(options: JetStreamBudgetOptions): Promise<JetStreamBudgetStore> {
  return openJetStreamBudgets(options, () => undefined);
}

/** The same, on a clock in milliseconds that a test gives; `undefined` is the server's. */
export async function openJetStreamBudgets(
  options: JetStreamBudgetOptions,
  testMs: () => number | undefined,
): Promise<JetStreamBudgetStore> {
  const plan = planBudgets(options.limits);
  const saved = createSavedStates();
  const bucket = await openBucket({ ...options, bucket: options.bucket ?? BUDGET_BUCKET }, saved);
  const states = createBucketStates<BudgetBook>(bucket, saved, {
    open: (text) => openBudgetBook(BOUNDS, text === undefined ? undefined : readBook(text)),
    save: (book) => JSON.stringify(book.save()),
  });

  async function change<T>(owner: BudgetOwner, step: (book: BudgetBook, nowMs: number) => T): Promise<T> {
    return states.change(bucketKey(owner.tenant), (book, nowNs) => step(book, testMs() ?? Number(nowNs / NS_PER_MS)));
  }

  const accounts = (owner: BudgetOwner): Promise<readonly AccountView[]> =>
    change(owner, (book, nowMs) =>
      plan.accountsOf(owner).map((account) => viewAccount(account, book.accountAt(account, nowMs))),
    );

  return {
    accounts,
    isRewound: () => bucket.isRewound(),
    reserve: (id, amounts, owner) =>
      change(owner, (book, nowMs) => book.reserve(id, plan.chargesOf(owner, amounts), nowMs)),
    commit: (id, owner) => change(owner, (book, nowMs) => void book.commit(id, nowMs)),
    void: (id, owner) => change(owner, (book, nowMs) => book.void(id, nowMs)),
    settle: (id, owner, actual) => change(owner, (book, nowMs) => book.commit(id, nowMs, actual)),
    state: async ({ id: agent, tenant }, run) => tightestByScope(await accounts({ tenant, agent, run })),
  };
}

const BOUNDS = {
  reservationCountMax: BUCKET_RESERVATION_COUNT_MAX,
  resolvedCountMax: BUCKET_RESOLVED_COUNT_MAX,
  accountCountMax: BUCKET_ACCOUNT_COUNT_MAX,
} as const;

const NS_PER_MS = 1_000_000n;
