import type { HoldStore, ThrottleStore } from "@cortexos/kernel";
import {
  openJetStreamBudgetStore,
  openJetStreamHoldStore,
  openJetStreamThrottleStore,
  StoresError,
  type JetStreamBudgetOptions,
  type JetStreamBudgetStore,
  type SharedHoldStore,
} from "@cortexos/stores";
import type { NatsConnection } from "@nats-io/transport-node";
import { setTimeout as sleep } from "node:timers/promises";
import type { SidecarConfig } from "../config/sidecar-config.ts";
import type { JetStreamStoresConfig } from "../config/stores-config.ts";
import { reasonText } from "../sidecar-error.ts";
import { createHoldCount } from "./hold-count.ts";
import type { Stores, StoresParts } from "./open-stores.ts";

const REOPEN_MS = 1_000;

interface Opened {
  readonly throttles: ThrottleStore;
  readonly budgets: JetStreamBudgetStore;
  readonly holds: SharedHoldStore;
}

/** Stores in buckets of the upstream: opened as soon as the server lets us, and tried again until then. */
export function openJetStreamStores(config: JetStreamStoresConfig, whole: SidecarConfig, parts: StoresParts): Stores {
  const closing = new AbortController();
  const opening = keepOpening({ config, whole, parts, signal: closing.signal });
  const current = (): Opened => {
    const { opened, problem } = opening();
    if (opened === undefined) throw new StoresError("store.away", `JetStream: ${problem}`);
    return opened;
  };
  return {
    throttles: { take: async (requests) => current().throttles.take(requests) },
    budgets: {
      reserve: async (...asked) => current().budgets.reserve(...asked),
      commit: async (...asked) => current().budgets.commit(...asked),
      void: async (...asked) => current().budgets.void(...asked),
      state: async (...asked) => current().budgets.state(...asked),
    },
    holds: deferredHolds(() => current().holds),
    ...createHoldCount({ size: async () => current().holds.size() }),
    isShared: true,
    mend: () => Promise.resolve(),
    state: () => {
      const { opened, problem } = opening();
      if (opened === undefined) return { ok: false, detail: `JetStream: ${problem}` };
      if (!parts.own.state().ok) return { ok: false, detail: "JetStream: the upstream is away" };
      const lost = lostOf(opened);
      if (lost.length > 0) return { ok: false, detail: `JetStream lost acknowledged writes of ${lost.join(" and ")}` };
      return { ok: true, detail: `JetStream, buckets ${config.bucketPrefix}_…` };
    },
    close: () => {
      closing.abort();
      return Promise.resolve();
    },
  };
}

interface Opening {
  readonly config: JetStreamStoresConfig;
  readonly whole: SidecarConfig;
  readonly parts: StoresParts;
  readonly signal: AbortSignal;
}

interface OpeningState {
  readonly opened?: Opened;
  readonly problem: string;
}

/** Opens until it succeeds: a bucket that isn't safe may be mended. */
function keepOpening({ config, whole, parts, signal }: Opening): () => OpeningState {
  const { bucketPrefix } = config;
  let state: OpeningState = { problem: "waiting for the upstream" };
  const open = async (): Promise<void> => {
    const connection = await parts.own.first;
    while (state.opened === undefined) {
      signal.throwIfAborted();
      try {
        state = { opened: await openBuckets(connection, config, whole), problem: "" };
        parts.log.info({ buckets: bucketPrefix }, "throttles, budgets and held messages are in JetStream");
      } catch (reason) {
        const problem = reasonText(reason);
        if (problem !== state.problem)
          parts.log.error({ buckets: bucketPrefix, reason: problem }, "stores can't be used");
        state = { problem };
        await sleep(REOPEN_MS, undefined, { signal, ref: false });
      }
    }
  };
  // Ends by rejecting only when the sidecar stops.
  open().catch(() => undefined);
  return () => state;
}

async function openBuckets(
  connection: NatsConnection,
  { bucketPrefix, replicas }: JetStreamStoresConfig,
  { budgets: limits, limits: bounds }: SidecarConfig,
): Promise<Opened> {
  const place = (name: string): Pick<JetStreamBudgetOptions, "bucket" | "connection" | "replicas"> => ({
    connection,
    replicas,
    bucket: `${bucketPrefix}_${name}`,
  });
  return {
    throttles: await openJetStreamThrottleStore(place("THROTTLES")),
    budgets: await openJetStreamBudgetStore({ ...place("BUDGETS"), limits }),
    holds: await openJetStreamHoldStore({ ...place("HOLDS"), countMax: bounds.holdCountMax }),
  };
}

function lostOf({ budgets, holds }: Opened): readonly string[] {
  return [...(budgets.isRewound() ? ["budgets"] : []), ...(holds.isRewound() ? ["held messages"] : [])];
}

function deferredHolds(current: () => HoldStore): HoldStore {
  return {
    park: async (hold) => current().park(hold),
    get: async (id) => current().get(id),
    list: async (countMax) => current().list(countMax),
    approve: async (...said) => current().approve(...said),
    deny: async (...said) => current().deny(...said),
    claimRelease: async (id) => current().claimRelease(id),
    expire: async (nowNs) => current().expire(nowNs),
  };
}
