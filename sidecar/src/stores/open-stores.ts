import type { BudgetStore, HoldStore, ThrottleStore } from "@cortexos/kernel";
import {
  checkBudgetLimits,
  createMemoryBudgetStore,
  createMemoryHoldStore,
  createMemoryThrottleStore,
} from "@cortexos/stores";
import type { PartState } from "../admin/readiness.ts";
import type { SidecarConfig } from "../config/sidecar-config.ts";
import type { Logger } from "../logger.ts";
import { reasonText, SidecarError } from "../sidecar-error.ts";
import type { OwnConnection } from "../upstream/own-connection.ts";
import { openJetStreamStores } from "./jetstream-stores.ts";
import { openRedisStores } from "./redis-stores.ts";

/** Throttles, budgets and held messages. What can't be asked is an error, and so a DENY of what needs it. */
export interface Stores {
  readonly throttles: ThrottleStore;
  readonly budgets: BudgetStore;
  readonly holds: HoldStore;
  /** Held messages, as last seen. */
  holdCount(): number;
  /** Whether holds outlive this process, and others share them. */
  readonly isShared: boolean;
  /** Looks at how many are held, where that has to be asked for. */
  countHolds(): Promise<void>;
  /** Rebuilds what the store was seen to have lost, where that can be known from the records. */
  mend(): Promise<void>;
  state(): PartState;
  close(): Promise<void>;
}

/** What stores are opened with. */
export interface StoresParts {
  readonly own: OwnConnection;
  readonly log: Logger;
}

/**
 * Opens the stores of a configuration. One that isn't there yet is waited for meanwhile.
 *
 * @throws SidecarError `budgets.invalid`, `stores.unsafe`, `secret.unreadable`.
 */
export async function openStores(config: SidecarConfig, parts: StoresParts): Promise<Stores> {
  checkBudgets(config.budgets);
  const stores = await openKind(config, parts);
  parts.log.info({ stores: stores.state().detail }, "throttles, budgets and held messages");
  return stores;
}

function checkBudgets(budgets: SidecarConfig["budgets"]): void {
  try {
    checkBudgetLimits(budgets);
  } catch (cause) {
    throw new SidecarError("budgets.invalid", reasonText(cause), { cause });
  }
}

async function openKind(config: SidecarConfig, parts: StoresParts): Promise<Stores> {
  const { stores } = config;
  switch (stores.kind) {
    case "memory":
      return openMemoryStores(config);
    case "jetstream":
      return openJetStreamStores(stores, config, parts);
    case "redis":
      return openRedisStores(stores, config, parts);
  }
}

function openMemoryStores({ budgets, limits }: SidecarConfig): Stores {
  const holds = createMemoryHoldStore({ countMax: limits.holdCountMax });
  return {
    throttles: createMemoryThrottleStore(),
    budgets: createMemoryBudgetStore({ limits: budgets }),
    holds,
    holdCount: () => holds.size().count,
    isShared: false,
    countHolds: () => Promise.resolve(),
    mend: () => Promise.resolve(),
    state: () => ({ ok: true, detail: "memory of this process: lost at exit, shared with no other" }),
    close: () => Promise.resolve(),
  };
}
