import { BUDGET_LEVELS, type BudgetLevel } from "../budget-limits.ts";

/** What the suites may spend. */
export const SUITE_LIMITS = [
  { scope: "a", limit: 100 },
  { scope: "b", limit: 100, windowMs: 500_000 },
  { scope: "c", limit: 150 },
  { scope: "c", limit: 100, per: "agent" },
  { scope: "c", limit: 40, per: "run" },
  { scope: "d", limit: 100, principal: "nobody" },
  { scope: "e", limit: 100, tenant: "nobody" },
] as const;

const RESERVATION_MS = 600_000;

export interface Owner {
  readonly tenant: string;
  readonly agent: string;
  readonly run: string;
}

export interface Asked {
  readonly scope: string;
  readonly amount: number;
}

interface Counted {
  readonly scope: string;
  readonly per: BudgetLevel;
  readonly limit: bigint;
  readonly windowMs: number;
  committed: bigint;
  reserved: bigint;
  debt: bigint;
}

interface Known {
  readonly asked: string;
  readonly parts: readonly (readonly [scope: string, amount: bigint])[];
  readonly owner: Owner;
  readonly endsAtMs: number;
  state: "pending" | "committed" | "expired" | "voided";
  actual?: string;
}

/** The naive reference: whole numbers without bound, moved at every edge of a window and every end of a reservation as it comes. */
export interface BudgetModel {
  reserve(id: string, owner: Owner, asked: readonly Asked[]): unknown;
  /** Gives the overruns, or a code. */
  commit(id: string, owner: Owner, actual?: readonly Asked[]): unknown;
  void(id: string, owner: Owner): unknown;
  advance(ms: number): void;
  accounts(owner: Owner): unknown;
}

/** An empty model at a time. */
export function createBudgetModel(startMs: number): BudgetModel {
  const counted = new Map<string, Counted>();
  const reservations = new Map<string, Known>();
  let nowMs = startMs;

  function accountsOf(owner: Owner, scope?: string): readonly Counted[] {
    const found: Counted[] = [];
    for (const limit of SUITE_LIMITS) {
      if ((scope !== undefined && limit.scope !== scope) || limit.scope === "d" || limit.scope === "e") continue;
      const per: BudgetLevel = "per" in limit ? limit.per : "tenant";
      const whose = [owner.tenant, owner.agent, owner.run].slice(0, BUDGET_LEVELS.indexOf(per) + 1);
      const key = JSON.stringify([limit.scope, per, whose]);
      const windowMs = "windowMs" in limit ? limit.windowMs : 0;
      const fresh = { scope: limit.scope, per, limit: BigInt(limit.limit), windowMs };
      const account = counted.get(key) ?? { ...fresh, committed: 0n, reserved: 0n, debt: 0n };
      counted.set(key, account);
      found.push(account);
    }
    return found;
  }

  function post(known: Known, actual: ReadonlyMap<string, bigint>): void {
    for (const [scope, amount] of known.parts) {
      const cost = known.state === "voided" ? 0n : (actual.get(scope) ?? amount);
      for (const account of accountsOf(known.owner, scope)) {
        account.reserved -= amount;
        account.committed += cost < amount ? cost : amount;
        account.debt += cost > amount ? cost - amount : 0n;
      }
    }
  }

  function turnWindows(): void {
    for (const account of counted.values()) {
      if (account.windowMs === 0 || nowMs % account.windowMs !== 0) continue;
      const room = account.limit - account.reserved;
      account.committed = account.debt < room ? account.debt : room;
      account.debt -= account.committed;
    }
  }

  function nextEdgeMs(limitMs: number): number {
    const edges = [...counted.values()].filter(({ windowMs }) => windowMs > 0).map(({ windowMs }) => windowMs);
    const turns = edges.map((windowMs) => (Math.floor(nowMs / windowMs) + 1) * windowMs);
    const ends = [...reservations.values()].filter(({ state }) => state === "pending").map(({ endsAtMs }) => endsAtMs);
    return Math.min(limitMs, ...turns, ...ends);
  }

  return {
    reserve(id, owner, asked) {
      const known = reservations.get(keyOf(id, owner));
      const text = JSON.stringify(totals(asked));
      if (known !== undefined) return known.asked === text ? known.state !== "voided" : "budget.conflict";
      if (asked.some(({ amount }) => !Number.isSafeInteger(amount) || amount < 0)) return false;
      const parts = totals(asked).map(([scope, amount]) => [scope, BigInt(amount)] as const);
      const fits = parts.every(([scope, amount]) => {
        const accounts = accountsOf(owner, scope);
        return accounts.length > 0 && accounts.every((each) => freeOf(each) >= amount);
      });
      if (!fits) return false;
      for (const [scope, amount] of parts) for (const account of accountsOf(owner, scope)) account.reserved += amount;
      const endsAtMs = nowMs + RESERVATION_MS;
      reservations.set(keyOf(id, owner), { asked: text, parts, owner, endsAtMs, state: "pending" });
      return true;
    },
    commit(id, owner, actual) {
      if (actual?.some(({ amount }) => !Number.isSafeInteger(amount) || amount < 0) === true) return "budget.amount";
      const known = reservations.get(keyOf(id, owner));
      if (known === undefined) return "budget.unknown";
      const costs = new Map(totals(actual ?? []).map(([scope, amount]) => [scope, BigInt(amount)]));
      const text = actual === undefined ? undefined : JSON.stringify(totals(actual));
      if (known.state === "pending") {
        const named = new Set(known.parts.map(([scope]) => scope));
        if ([...costs.keys()].some((scope) => !named.has(scope))) return "budget.amount";
        known.state = "committed";
        if (text !== undefined) known.actual = text;
        post(known, costs);
        return overruns(known, costs);
      }
      if (known.state === "voided") return "budget.resolved";
      if (text === undefined) return [];
      if (known.actual === undefined) return "budget.resolved";
      return known.actual === text ? overruns(known, costs) : "budget.conflict";
    },
    void(id, owner) {
      const known = reservations.get(keyOf(id, owner));
      if (known === undefined) return "budget.unknown";
      if (known.state === "voided") return undefined;
      if (known.state !== "pending") return "budget.resolved";
      known.state = "voided";
      post(known, new Map());
      return undefined;
    },
    advance(ms) {
      const untilMs = nowMs + ms;
      while (nowMs < untilMs) {
        nowMs = nextEdgeMs(untilMs);
        turnWindows();
        for (const known of reservations.values()) {
          if (known.state !== "pending" || known.endsAtMs > nowMs) continue;
          known.state = "expired";
          post(known, new Map());
        }
      }
    },
    accounts: (owner) =>
      accountsOf(owner).map((account) => {
        const { scope, per, windowMs } = account;
        const free = freeOf(account);
        return {
          scope,
          per,
          windowMs,
          limit: Number(account.limit),
          committed: Number(account.committed),
          reserved: Number(account.reserved),
          debt: Number(account.debt),
          remaining: free > 0n ? Number(free) : 0,
        };
      }),
  };
}

function freeOf({ limit, committed, reserved, debt }: Counted): bigint {
  return limit - committed - reserved - debt;
}

function keyOf(id: string, { tenant }: Owner): string {
  return JSON.stringify([tenant, id]);
}

function overruns({ parts }: Known, costs: ReadonlyMap<string, bigint>): unknown {
  return [...costs].flatMap(([scope, cost]) => {
    const reserved = parts.find(([name]) => name === scope)?.[1] ?? 0n;
    return cost > reserved ? [{ scope, amount: Number(cost - reserved) }] : [];
  });
}

function totals(asked: readonly Asked[]): readonly (readonly [string, number])[] {
  const sums = new Map<string, number>();
  for (const { scope, amount } of asked) sums.set(scope, (sums.get(scope) ?? 0) + amount);
  return [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
