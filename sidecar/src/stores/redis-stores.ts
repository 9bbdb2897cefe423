import {
  createRedisBudgetStore,
  createRedisHoldStore,
  createRedisThrottleStore,
  isStoresError,
  openRedisLink,
  type RedisLink,
} from "@cortexos/stores";
import { setTimeout as sleep } from "node:timers/promises";
import { readSecret } from "../config/read-secret.ts";
import type { SidecarConfig } from "../config/sidecar-config.ts";
import type { RedisStoresConfig } from "../config/stores-config.ts";
import { reasonText, SidecarError } from "../sidecar-error.ts";
import { createHoldCount } from "./hold-count.ts";
import { createMender } from "./mend-budgets.ts";
import type { Stores, StoresParts } from "./open-stores.ts";

/** How long the start waits for Redis. One that is away by then is a state; one that could drop state is refused. */
const FIRST_MS_MAX = 2_000;

/** Stores in Redis. @throws SidecarError `stores.unsafe`, `secret.unreadable`. */
export async function openRedisStores(
  stores: RedisStoresConfig,
  { budgets: limits, limits: bounds, records }: SidecarConfig,
  { log, own }: StoresParts,
): Promise<Stores> {
  const { caFile, keyPrefix, passwordFile, url, username } = stores;
  const redis = openRedisLink({
    url,
    ...(username !== undefined && { username }),
    ...(passwordFile !== undefined && { password: readSecret(passwordFile) }),
    ...(caFile !== undefined && { ca: readSecret(caFile) }),
    onState: ({ ok, detail }) => {
      log[ok ? "info" : "error"](
        { stores: detail },
        ok ? "Redis is there" : "Redis can't be used: what needs it is denied",
      );
    },
  });
  try {
    await firstCheck(redis);
    const budgets = createRedisBudgetStore({ redis, keyPrefix, limits });
    const holds = createRedisHoldStore({ redis, keyPrefix, countMax: bounds.holdCountMax });
    const counted = createHoldCount(holds);
    return {
      throttles: createRedisThrottleStore({ redis, keyPrefix }),
      budgets,
      holds,
      ...counted,
      isShared: true,
      mend: createMender({ budgets, records, own, log }),
      state: () => {
        const { ok, detail } = redis.state();
        const lost = [
          ...budgets.rewound().map(({ tenant }) => `tenant ${tenant}`),
          ...(holds.isRewound() ? ["held messages"] : []),
        ];
        if (!ok || lost.length === 0) return { ok, detail: ok ? `Redis ${detail}` : detail };
        return { ok: false, detail: `Redis lost acknowledged writes of ${lost.join(", ")}` };
      },
      close: () => redis.close(),
    };
  } catch (reason) {
    await redis.close();
    throw reason;
  }
}

async function firstCheck(redis: RedisLink): Promise<void> {
  try {
    await Promise.race([redis.first, sleep(FIRST_MS_MAX, undefined, { ref: false })]);
  } catch (cause) {
    if (!isStoresError(cause)) throw cause;
    throw new SidecarError("stores.unsafe", reasonText(cause), { cause });
  }
}
