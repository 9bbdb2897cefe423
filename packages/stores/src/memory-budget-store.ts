import type { BudgetStore } from "@cortexos/kernel";
import type { BudgetStateInput, Principal } from "@cortexos/protocol";
import { StoresError } from "./stores-error.ts";

/** Reservations open at once; a further one is not reserved. */
export const RESERVATION_COUNT_MAX = 100_000;

/** Resolved reservations that are remembered, so that a repeated commit or void is known as such. */
export const RESOLVED_COUNT_MAX = 100_000;

/** How long a reservation waits to be committed or voided before it counts as spent. */
export const RESERVATION_MS_MAX = 600_000;

/** What may be spent under one name. */
export interface BudgetLimit {
  readonly scope: string;
  /** Micro-units; a safe integer, 0 or more. */
  readonly limit: number;
  /** Only principals of this tenant see it in their input; all unless given. */
  readonly tenant?: string;
  /** Only this principal sees it in its input; all unless given. */
  readonly principal?: string;
}

/** Limits and bounds of {@link createMemoryBudgetStore}. */
export interface MemoryBudgetOptions {
  readonly limits?: readonly BudgetLimit[];
  /** {@link RESERVATION_COUNT_MAX} unless given. */
  readonly reservationCountMax?: number;
  /** Milliseconds of a clock that never steps back; the process's own unless given. */
  readonly nowMs?: () => number;
}

type Amounts = readonly { readonly scope: string; readonly amount: number }[];

/** A budget store that answers at once. */
export interface MemoryBudgetStore extends BudgetStore {
  reserve(reservationId: string, amounts: Amounts): { readonly reserved: boolean; readonly scope?: string };
  commit(reservationId: string): void;
  void(reservationId: string): void;
  state(principal: Principal): Readonly<Record<string, BudgetStateInput>>;
}

interface Ledger {
  readonly terms: BudgetLimit;
  committed: number;
  reserved: number;
}

interface Reservation {
  readonly sums: ReadonlyMap<string, number>;
  readonly endsAtMs: number;
}

interface Resolved {
  readonly sums: ReadonlyMap<string, number>;
  readonly state: "committed" | "voided";
}

/**
 * Budgets of one process in two phases. For every scope and at every time: committed + reserved ≤ limit. A reservation is immutable,
 * exists at most once for each id and is resolved once; repeating a call with the same words changes nothing. One that nobody
 * resolves in time counts as spent: what may have been released is never given back.
 *
 * @throws StoresError `budget.limits` for limits that aren't safe integers, or a scope named twice.
 */
export function createMemoryBudgetStore(options: MemoryBudgetOptions = {}): MemoryBudgetStore {
  const { limits = [], reservationCountMax = RESERVATION_COUNT_MAX, nowMs = () => performance.now() } = options;
  const ledgers = createLedgers(limits);
  const pending = new Map<string, Reservation>();
  const resolved = new Map<string, Resolved>();
  const resolve = (id: string, sums: ReadonlyMap<string, number>, state: Resolved["state"]): void => {
    pending.delete(id);
    post(ledgers, { sums, state });
    resolved.set(id, { sums, state });
    if (resolved.size > RESOLVED_COUNT_MAX) forgetOldest(resolved);
  };
  const expire = (): void => {
    const atMs = nowMs();
    for (const [id, { sums, endsAtMs }] of pending) {
      if (endsAtMs > atMs) return;
      resolve(id, sums, "committed");
    }
  };
  const end = (id: string, state: Resolved["state"]): void => {
    expire();
    const known = resolved.get(id);
    if (known?.state === state) return;
    if (known !== undefined) throw new StoresError("budget.resolved", `reservation ${id} is ${known.state} already`);
    const reservation = pending.get(id);
    if (reservation === undefined) throw new StoresError("budget.unknown", `no reservation ${id}`);
    resolve(id, reservation.sums, state);
  };
  return {
    reserve(id, amounts) {
      expire();
      const known = pending.get(id) ?? resolved.get(id);
      if (known !== undefined) return repeated(known, id, amounts);
      const { sums, refused } = sumUp(ledgers, amounts);
      if (refused !== undefined) return { reserved: false, scope: refused };
      if (pending.size >= reservationCountMax) return { reserved: false };
      for (const [scope, sum] of sums) addReserved(ledgers, scope, sum);
      pending.set(id, { sums, endsAtMs: nowMs() + RESERVATION_MS_MAX });
      return { reserved: true };
    },
    commit: (id) => end(id, "committed"),
    void: (id) => end(id, "voided"),
    state(principal) {
      expire();
      return stateOf(ledgers, principal);
    },
  };
}

function createLedgers(limits: readonly BudgetLimit[]): ReadonlyMap<string, Ledger> {
  const ledgers = new Map<string, Ledger>();
  for (const terms of limits) {
    if (!isAmount(terms.limit)) throw new StoresError("budget.limits", `limit of ${terms.scope} is ${terms.limit}`);
    if (ledgers.has(terms.scope)) throw new StoresError("budget.limits", `scope ${terms.scope} is named twice`);
    ledgers.set(terms.scope, { terms, committed: 0, reserved: 0 });
  }
  return ledgers;
}

function isAmount(amount: number): boolean {
  return Number.isSafeInteger(amount) && amount >= 0;
}

/** A scope without a limit has nothing to spend. Subtracts, so that sums can't leave the safe integers. */
function fits(ledger: Ledger | undefined, sum: number): boolean {
  return ledger !== undefined && sum <= ledger.terms.limit - ledger.committed - ledger.reserved;
}

/** What is asked of each scope in all, and the first scope that can't give it. */
function sumUp(
  ledgers: ReadonlyMap<string, Ledger>,
  amounts: Amounts,
): { readonly sums: ReadonlyMap<string, number>; readonly refused?: string } {
  const sums = new Map<string, number>();
  for (const { scope, amount } of amounts) {
    const sum = (sums.get(scope) ?? 0) + amount;
    if (!isAmount(amount) || !fits(ledgers.get(scope), sum)) return { sums, refused: scope };
    sums.set(scope, sum);
  }
  return { sums };
}

function repeated(known: Reservation | Resolved, id: string, amounts: Amounts): { readonly reserved: boolean } {
  const sums = new Map<string, number>();
  for (const { scope, amount } of amounts) sums.set(scope, (sums.get(scope) ?? 0) + amount);
  const isSame = sums.size === known.sums.size && [...sums].every(([scope, sum]) => known.sums.get(scope) === sum);
  if (!isSame) throw new StoresError("budget.conflict", `reservation ${id} exists with other amounts`);
  return { reserved: !("state" in known && known.state === "voided") };
}

function addReserved(ledgers: ReadonlyMap<string, Ledger>, scope: string, sum: number): void {
  const ledger = ledgers.get(scope);
  if (ledger !== undefined) ledger.reserved += sum;
}

function post(ledgers: ReadonlyMap<string, Ledger>, { sums, state }: Resolved): void {
  for (const [scope, sum] of sums) {
    const ledger = ledgers.get(scope);
    if (ledger === undefined) continue;
    ledger.reserved -= sum;
    if (state === "committed") ledger.committed += sum;
  }
}

function forgetOldest(resolved: Map<string, Resolved>): void {
  for (const oldest of resolved.keys()) {
    resolved.delete(oldest);
    return;
  }
}

function stateOf(
  ledgers: ReadonlyMap<string, Ledger>,
  principal: Principal,
): Readonly<Record<string, BudgetStateInput>> {
  const entries: [string, BudgetStateInput][] = [];
  for (const [scope, { terms, committed, reserved }] of ledgers) {
    const { limit, tenant = principal.tenant, principal: id = principal.id } = terms;
    if (tenant !== principal.tenant || id !== principal.id) continue;
    entries.push([scope, { limit, committed, reserved, remaining: limit - committed - reserved }]);
  }
  return Object.fromEntries(entries);
}
