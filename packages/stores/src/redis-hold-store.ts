import { judgeHold, type Hold, type HoldChange, type Verdict } from "@cortexos/kernel";
import {
  endedRefusal,
  HOLD_BYTES_MAX,
  HOLD_COUNT_MAX,
  holdExists,
  HOLDS_PER_REQUESTER_MAX,
  isOpenHold,
  parkedHold,
  type HoldBounds,
} from "./hold-terms.ts";
import { openRedisShelf, type RedisShelf } from "./redis-hold-shelf.ts";
import type { RedisStoreOptions } from "./redis-link.ts";
import { CHANGE_TRIES_MAX, type SharedHoldStore } from "./shared-hold-store.ts";
import { StoresError } from "./stores-error.ts";

/** Bounds of {@link createRedisHoldStore}. */
export interface RedisHoldOptions extends RedisStoreOptions, HoldBounds {}

/**
 * Approvals in Redis: they outlive every process. A change is made by comparing and swapping, so that of two at once one sees the other; bounds are kept in
 * the same step as what they bound; time is Redis's own.
 */
export function createRedisHoldStore(options: RedisHoldOptions): SharedHoldStore {
  return redisHolds(options, () => undefined);
}

/** The same, on a clock in nanoseconds that a test gives; `undefined` is Redis's own. */
export function redisHolds(options: RedisHoldOptions, testNs: () => bigint | undefined): SharedHoldStore {
  const { countMax = HOLD_COUNT_MAX, bytesMax = HOLD_BYTES_MAX, perRequesterMax = HOLDS_PER_REQUESTER_MAX } = options;
  const shelf = openRedisShelf(options, testNs);

  const change = <T>(id: string, step: HoldStep<T>): Promise<T> => changeOn(shelf, id, step);

  function judge(id: string, said: Omit<Verdict, "atNs">): Promise<HoldChange> {
    return change(id, (hold, nowNs) => {
      if (hold === undefined || !isOpenHold(hold)) return { answer: endedRefusal(hold) };
      const answer = judgeHold(hold, { ...said, atNs: nowNs.toString() });
      return { answer, ...(answer.ok && { next: answer.hold }) };
    });
  }

  async function abandon(): Promise<readonly Hold[]> {
    const forced = shelf.forced();
    const ended: Hold[] = [];
    for (const { id } of await forced.list(countMax)) {
      const hold = await changeOn<Hold | undefined>(forced, id, (open) => {
        const next = open === undefined || !isOpenHold(open) ? undefined : ({ ...open, status: "expired" } as const);
        return next === undefined ? { answer: undefined } : { answer: next, next };
      });
      if (hold !== undefined) ended.push(hold);
    }
    await shelf.renew();
    return ended;
  }

  return {
    async park(hold) {
      const parked = parkedHold(hold);
      const bounds = [countMax, bytesMax, perRequesterMax];
      const answer = await shelf.add(parked, bounds);
      if (answer === "exists") throw holdExists(hold.id);
      return answer;
    },
    get: async (id) => (await shelf.read(id)).shelved?.hold,
    list: (listCountMax) => shelf.list(listCountMax),
    approve: (id, by) => judge(id, { verdict: "approve", by }),
    deny: (id, by) => judge(id, { verdict: "deny", by }),
    claimRelease: (id) =>
      change(id, (hold) =>
        hold?.status === "approved" ? { answer: true, next: { ...hold, status: "released" } } : { answer: false },
      ),
    expire: () => (shelf.isRewound() ? abandon() : shelf.endOverdue()),
    size: () => shelf.size(),
    isRewound: () => shelf.isRewound(),
  };
}

async function changeOn<T>(shelf: RedisShelf, id: string, step: HoldStep<T>): Promise<T> {
  for (let tries = 0; tries < CHANGE_TRIES_MAX; tries++) {
    const { nowNs, shelved } = await shelf.read(id);
    const { answer, next } = step(shelved?.hold, nowNs);
    if (next === undefined || shelved === undefined || (await shelf.replace(shelved, next))) return answer;
  }
  throw new StoresError("store.contended", `hold ${id} changes too often`);
}

type HoldStep<T> = (hold: Hold | undefined, nowNs: bigint) => Change<T>;

interface Change<T> {
  readonly answer: T;
  /** What is stored before the answer is given. */
  readonly next?: Hold;
}
