import type { BudgetOwner } from "@cortexos/kernel";
import { RUN_ACCOUNT_MS_MAX, type LostLedger } from "./budget-ledger.ts";
import type { Account } from "./budget-limits.ts";
import { keyPart } from "./key-part.ts";
import { createRedisFence, type FencedCall } from "./redis-fence.ts";
import type { RedisStoreOptions } from "./redis-link.ts";
import type { RedisScript } from "./redis-script.ts";

/** Before this long before a ledger was last seen whole, nothing of it is taken for lost: records and acknowledgements take their time. */
const LOST_MS_MAX = 60_000;

/** What a script of the ledger is asked about. */
export interface Asked {
  readonly id: string;
  readonly accounts: readonly (Account & { readonly amount?: number })[];
  /** From ARGV 9 on. */
  readonly args: readonly (number | string)[];
}

/** The ledgers of all tenants, each in a hash slot of its own. */
export interface LedgerSlots {
  run(script: RedisScript, owner: BudgetOwner, asked: Asked): Promise<readonly unknown[]>;
  /** Runs it whatever the slot has lost. */
  force(script: RedisScript, owner: BudgetOwner, asked: Asked): Promise<readonly unknown[]>;
  lost(): readonly LostLedger[];
  /** Takes a tenant's ledger as it is now. */
  renew(tenant: string): Promise<void>;
}

/** @param nowMs - the time that a test gives; the empty text is Redis's own. */
export function openLedgerSlots(
  { redis, keyPrefix }: Required<RedisStoreOptions>,
  nowMs: () => number | "",
): LedgerSlots {
  const fence = createRedisFence(redis);
  const tenants = new Map<string, string>();

  function callOf(owner: BudgetOwner, { accounts, args, id }: Asked): FencedCall {
    const base = slotBase(keyPrefix, owner.tenant);
    tenants.set(`${base}fence`, owner.tenant);
    const atMs = nowMs();
    const now = atMs === "" ? "" : atMs * 1_000;
    const parts = JSON.stringify(accounts.map((account) => partOf(base, account)));
    const keys = [`${base}fence`, `${base}pending`, `${base}reservation:${keyPart(id)}`] as const;
    return { keys, now, args: [base, keyPart(id), parts, ...args] };
  }

  return {
    run: (script, owner, asked) => fence.run(script, callOf(owner, asked)),
    force: (script, owner, asked) => fence.force(script, callOf(owner, asked)),
    lost: () =>
      fence.rewound().map(({ extent, slot, wholeAtMs }) => ({
        tenant: tenants.get(slot) ?? "",
        sinceMs: extent === "all" ? 0 : Math.max(0, Math.floor(wholeAtMs) - LOST_MS_MAX),
      })),
    renew: (tenant) => fence.renew(`${slotBase(keyPrefix, tenant)}fence`),
  };
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
