import { RUN_ACCOUNT_MS_MAX, type LostLedger } from "./budget-ledger.ts";
import type { Account } from "./budget-limits.ts";
import { keyPart } from "./key-part.ts";
import { TAKE_STEPS } from "./redis-budget-scripts.ts";
import { createRedisFence, type FencedCall } from "./redis-fence.ts";
import type { RedisStoreOptions } from "./redis-link.ts";
import { StoresError } from "./stores-error.ts";

/** Steps that travel in one call. */
export const STEP_COUNT_MAX = 64;

/** Before this long before a ledger was last seen whole, nothing of it is taken for lost: records and acknowledgements take their time. */
const LOST_MS_MAX = 60_000;

/** One step on a ledger, as `TAKE_STEPS` reads it. */
export type LedgerStep =
  | readonly ["reserve", id: string, text: string, isRefused: boolean, parts: readonly LedgerPart[]]
  | readonly ["commit", id: string, text: string, actual: readonly (readonly [scope: string, amount: string])[]]
  | readonly ["void", id: string]
  | readonly ["restore", id: string, text: string, atMs: number, parts: readonly LedgerPart[]]
  | readonly ["read", parts: readonly LedgerPart[]];

/** What a step asks of one account. Amounts travel as text: JSON's numbers lose digits in Lua. */
export type LedgerPart = readonly [
  key: string,
  scope: string,
  limit: string,
  amount: string,
  windowMs: string,
  idleMs: string,
];

/** The ledgers of all tenants, each in a hash slot of its own. */
export interface LedgerSlots {
  /** Takes a step; those of one tenant that come in one turn travel together. */
  take(tenant: string, step: LedgerStep): Promise<readonly unknown[]>;
  /** Takes steps whatever the slot has lost. */
  force(tenant: string, steps: readonly LedgerStep[]): Promise<void>;
  lost(): readonly LostLedger[];
  /** Takes a tenant's ledger as it is now. */
  renew(tenant: string): Promise<void>;
}

/** How long things are kept, and how many. */
export interface LedgerBounds {
  readonly resolvedMs: number;
  readonly reservationCountMax: number;
  readonly reservationMs: number;
}

/** @param nowMs - the time that a test gives; the empty text is Redis's own. */
export function openLedgerSlots(
  { redis, keyPrefix, ...bounds }: Required<RedisStoreOptions> & LedgerBounds,
  nowMs: () => number | "",
): LedgerSlots {
  const fence = createRedisFence(redis);
  const tenants = new Map<string, string>();
  const waiting = new Map<string, Waiting[]>();

  function callOf(tenant: string, steps: readonly LedgerStep[], resolvedMs = bounds.resolvedMs): FencedCall {
    const base = slotBase(keyPrefix, tenant);
    tenants.set(`${base}fence`, tenant);
    const atMs = nowMs();
    const now = atMs === "" ? "" : atMs * 1_000;
    const { reservationCountMax, reservationMs } = bounds;
    const args = [base, resolvedMs, reservationCountMax, reservationMs, JSON.stringify(steps)];
    return { keys: [`${base}fence`, `${base}pending`], now, args };
  }

  async function send(tenant: string, batch: readonly Waiting[]): Promise<void> {
    const steps = batch.map(({ step }) => step);
    try {
      const answers = await fence.run(TAKE_STEPS, callOf(tenant, steps));
      for (const [i, { resolve, reject }] of batch.entries()) {
        const answer = answers[i];
        if (Array.isArray(answer)) resolve(answer);
        else reject(new StoresError("store.refused", "Redis: a budget's answer makes no sense"));
      }
    } catch (reason) {
      for (const { reject } of batch) reject(reason);
    }
  }

  function flush(tenant: string): void {
    const all = waiting.get(tenant) ?? [];
    waiting.delete(tenant);
    for (let from = 0; from < all.length; from += STEP_COUNT_MAX) {
      void send(tenant, all.slice(from, from + STEP_COUNT_MAX));
    }
  }

  return {
    take: (tenant, step) =>
      new Promise((resolve, reject) => {
        const queue = waiting.get(tenant);
        if (queue !== undefined) {
          queue.push({ step, resolve, reject });
          return;
        }
        waiting.set(tenant, [{ step, resolve, reject }]);
        // After this turn's steps, so that they travel together.
        queueMicrotask(() => flush(tenant));
      }),
    async force(tenant, steps) {
      await fence.force(TAKE_STEPS, callOf(tenant, steps, RESTORED_MS_MAX));
    },
    lost: () =>
      fence.rewound().map(({ extent, slot, wholeAtMs }) => ({
        tenant: tenants.get(slot) ?? "",
        sinceMs: extent === "all" ? 0 : Math.max(0, Math.floor(wholeAtMs) - LOST_MS_MAX),
      })),
    renew: (tenant) => fence.renew(`${slotBase(keyPrefix, tenant)}fence`),
  };
}

/** An account in a step. */
export function partOf(account: Account & { readonly amount?: number }): LedgerPart {
  const { key, scope, limit, windowMs, per, amount = 0 } = account;
  const idleMs = per === "run" && windowMs === 0 ? RUN_ACCOUNT_MS_MAX : 0;
  return [`account:${key}`, scope, `${limit}`, `${amount}`, `${windowMs}`, `${idleMs}`];
}

/** How long Redis remembers a reservation that was restored, so that several processes may restore at once. */
const RESTORED_MS_MAX = 3_600_000;

interface Waiting {
  readonly step: LedgerStep;
  readonly resolve: (answer: readonly unknown[]) => void;
  readonly reject: (reason: unknown) => void;
}

/** Never an empty tag: Redis would hash the whole key then. */
function slotBase(prefix: string, tenant: string): string {
  return `${prefix}:{t.${keyPart(tenant)}}:`;
}
