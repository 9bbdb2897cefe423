import type { BudgetAmount } from "@cortexos/kernel";
import { accountAt, freeOf, postCharge, type AccountState } from "./budget-account.ts";
import { RESERVATION_MS_MAX, RUN_ACCOUNT_MS_MAX } from "./budget-ledger.ts";
import { amountsText, isAmount, sumByScope, type Account, type Charge, type Charges } from "./budget-limits.ts";
import { StoresError } from "./stores-error.ts";

/** Bounds of a book. */
export interface BookBounds {
  readonly reservationCountMax: number;
  /** Resolved reservations that are remembered, the oldest are forgotten first. */
  readonly resolvedCountMax: number;
  /** Accounts at once; what needs a further one is not reserved. */
  readonly accountCountMax: number;
}

/** The accounts and reservations of one tenant as plain values. Time is given and never goes back. */
export interface BudgetBook {
  reserve(id: string, asked: Charges, nowMs: number): { readonly reserved: boolean; readonly scope?: string };
  /** Posts what was reserved, or what it really cost. */
  commit(id: string, nowMs: number, actual?: readonly BudgetAmount[]): readonly BudgetAmount[];
  void(id: string, nowMs: number): void;
  accountAt(account: Account, nowMs: number): AccountState;
  /** What it holds, as JSON can carry it. */
  save(): BookState;
}

/** What a book holds. */
export interface BookState {
  readonly accounts: readonly (readonly [string, KeptAccount])[];
  readonly pending: readonly (readonly [string, Reservation])[];
  readonly resolved: readonly (readonly [string, Reservation])[];
}

/** An account with what says when it may be forgotten. */
export interface KeptAccount {
  readonly state: AccountState;
  readonly windowMs: number;
  readonly isRun: boolean;
  /** When it was changed last. */
  readonly atMs: number;
}

/** A reservation; immutable but for how it ends. */
export interface Reservation {
  readonly text: string;
  readonly charges: readonly Charge[];
  readonly endsAtMs: number;
  readonly end?: "committed" | "expired" | "voided";
  /** What it really cost, as text; nothing where it cost what was reserved. */
  readonly actualText?: string;
}

/** A book, empty or as it was saved. */
export function openBudgetBook(bounds: BookBounds, saved?: BookState): BudgetBook {
  const { accounts, pending, resolved, current, put, makeRoom, end, expire } = openPages(bounds, saved);
  return {
    reserve(id, asked, nowMs) {
      expire(nowMs);
      const known = pending.get(id) ?? resolved.get(id);
      if (known !== undefined) return repeated(id, known, asked);
      if (asked.refused !== undefined) return { reserved: false, scope: asked.refused };
      const short = asked.charges.find((charge) => charge.amount > freeOf(current(charge, nowMs), charge.limit));
      if (short !== undefined) return { reserved: false, scope: short.scope };
      if (pending.size >= bounds.reservationCountMax || !makeRoom(asked.charges, nowMs)) return { reserved: false };
      for (const charge of asked.charges) {
        const state = current(charge, nowMs);
        put(charge, { ...state, reserved: state.reserved + charge.amount }, nowMs);
      }
      pending.set(id, { text: asked.text, charges: asked.charges, endsAtMs: nowMs + RESERVATION_MS_MAX });
      return { reserved: true };
    },
    commit(id, nowMs, amounts) {
      expire(nowMs);
      const actual = amounts === undefined ? undefined : actualSums(id, amounts);
      const reservation = pending.get(id);
      if (reservation === undefined) return repeatedCommit(id, resolved.get(id), actual);
      checkScopes(id, reservation, actual);
      end(id, reservation, { end: "committed", atMs: nowMs, ...(actual === undefined ? {} : { actual }) });
      return overruns(reservation, actual);
    },
    void(id, nowMs) {
      expire(nowMs);
      const reservation = pending.get(id);
      if (reservation !== undefined) return end(id, reservation, { end: "voided", atMs: nowMs });
      const known = resolved.get(id);
      if (known === undefined) throw unknownReservation(id);
      if (known.end !== "voided") throw isResolved(id, known.end);
    },
    accountAt(account, nowMs) {
      expire(nowMs);
      return current(account, nowMs);
    },
    save: () => ({ accounts: [...accounts], pending: [...pending], resolved: [...resolved] }),
  };
}

interface Pages {
  readonly accounts: ReadonlyMap<string, KeptAccount>;
  readonly pending: Map<string, Reservation>;
  readonly resolved: Map<string, Reservation>;
  readonly current: (account: Account, atMs: number) => AccountState;
  readonly put: (account: Account, state: AccountState, atMs: number) => void;
  /** False when there would be more accounts than may be, though those that hold nothing were forgotten. */
  readonly makeRoom: (charges: readonly Charge[], nowMs: number) => boolean;
  readonly end: (id: string, reservation: Reservation, ending: Ending) => void;
  readonly expire: (nowMs: number) => void;
}

function openPages(bounds: BookBounds, saved: BookState | undefined): Pages {
  const accounts = new Map(saved?.accounts);
  const pending = new Map(saved?.pending);
  const resolved = new Map(saved?.resolved);

  function current(account: Account, atMs: number): AccountState {
    return accountAt(accounts.get(account.key)?.state, account, atMs);
  }

  function put({ key, per, windowMs }: Account, state: AccountState, atMs: number): void {
    accounts.set(key, { state, windowMs, isRun: per === "run", atMs });
  }

  function makeRoom(charges: readonly Charge[], nowMs: number): boolean {
    const newCount = charges.filter(({ key }) => !accounts.has(key)).length;
    if (newCount === 0 || accounts.size + newCount <= bounds.accountCountMax) return true;
    for (const [key, kept] of accounts) if (isForgettable(kept, nowMs)) accounts.delete(key);
    return accounts.size + newCount <= bounds.accountCountMax;
  }

  function end(id: string, reservation: Reservation, ending: Ending): void {
    pending.delete(id);
    for (const charge of reservation.charges) {
      const actual = ending.end === "voided" ? 0 : (ending.actual?.get(charge.scope) ?? charge.amount);
      put(charge, postCharge(current(charge, ending.atMs), charge.amount, actual), ending.atMs);
    }
    const actualText = ending.actual === undefined ? {} : { actualText: amountsText(ending.actual) };
    resolved.set(id, { ...reservation, end: ending.end, ...actualText });
    if (resolved.size > bounds.resolvedCountMax) forgetOldest(resolved);
  }

  /** They stand in order of their ends, and each is posted at the time of its own. */
  function expire(nowMs: number): void {
    for (const [id, reservation] of pending) {
      if (reservation.endsAtMs > nowMs) return;
      end(id, reservation, { end: "expired", atMs: reservation.endsAtMs });
    }
  }

  return { accounts, pending, resolved, current, put, makeRoom, end, expire };
}

/** What holds nothing any more, or belongs to a run that has long ended. */
function isForgettable({ state, windowMs, isRun, atMs }: KeptAccount, nowMs: number): boolean {
  if (state.reserved > 0 || state.debt > 0) return false;
  if (isRun && nowMs - atMs >= RUN_ACCOUNT_MS_MAX) return true;
  return windowMs > 0 && Math.floor(nowMs / windowMs) > state.window;
}

interface Ending {
  readonly end: "committed" | "expired" | "voided";
  readonly atMs: number;
  readonly actual?: ReadonlyMap<string, number>;
}

/** Real costs by scope. @throws StoresError `budget.amount`. */
export function actualSums(id: string, amounts: readonly BudgetAmount[]): ReadonlyMap<string, number> {
  const sums = sumByScope(amounts);
  const isSound = amounts.every(({ amount }) => isAmount(amount)) && [...sums.values()].every(isAmount);
  if (!isSound) throw new StoresError("budget.amount", `reservation ${id} can't have cost that`);
  return sums;
}

/** What is wrong with a reservation that is told to end anew. */
export function isResolved(id: string, end = "resolved"): StoresError {
  return new StoresError("budget.resolved", `reservation ${id} is ${end} already`);
}

export function unknownReservation(id: string): StoresError {
  return new StoresError("budget.unknown", `no reservation ${id}`);
}

export function conflicting(id: string): StoresError {
  return new StoresError("budget.conflict", `reservation ${id} exists with other amounts`);
}

function repeated(id: string, known: Reservation, asked: Charges): { readonly reserved: boolean } {
  if (known.text !== asked.text) throw conflicting(id);
  return { reserved: known.end !== "voided" };
}

function repeatedCommit(
  id: string,
  known: Reservation | undefined,
  actual: ReadonlyMap<string, number> | undefined,
): readonly BudgetAmount[] {
  if (known === undefined) throw unknownReservation(id);
  if (known.end === "voided") throw isResolved(id, known.end);
  if (actual === undefined) return [];
  if (known.actualText === undefined) throw isResolved(id, known.end);
  if (known.actualText !== amountsText(actual)) throw conflicting(id);
  return overruns(known, actual);
}

function checkScopes(id: string, { charges }: Reservation, actual: ReadonlyMap<string, number> | undefined): void {
  for (const scope of actual?.keys() ?? []) {
    if (!charges.some((charge) => charge.scope === scope)) {
      throw new StoresError("budget.amount", `reservation ${id} has nothing of scope ${scope}`);
    }
  }
}

function overruns({ charges }: Reservation, actual: ReadonlyMap<string, number> | undefined): readonly BudgetAmount[] {
  return [...(actual ?? [])].flatMap(([scope, cost]) => {
    const reserved = charges.find((charge) => charge.scope === scope)?.amount ?? 0;
    return cost > reserved ? [{ scope, amount: cost - reserved }] : [];
  });
}

function forgetOldest(resolved: Map<string, Reservation>): void {
  for (const oldest of resolved.keys()) {
    resolved.delete(oldest);
    return;
  }
}
