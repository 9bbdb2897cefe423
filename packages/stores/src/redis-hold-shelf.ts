import type { Hold } from "@cortexos/kernel";
import { decodeHold, encodeHold } from "./hold-codec.ts";
import {
  ENDED_HOLD_BYTES_MAX,
  ENDED_HOLD_COUNT_MAX,
  holdBytes,
  holdDueNs,
  isOpenHold,
  requesterKey,
} from "./hold-terms.ts";
import { createRedisFence, type RedisFence } from "./redis-fence.ts";
import { LIST, OVERDUE, PARK, READ, REPLACE, SIZE } from "./redis-hold-scripts.ts";
import { REDIS_KEY_PREFIX, type RedisStoreOptions } from "./redis-link.ts";
import type { RedisScript } from "./redis-script.ts";
import { isStoresError, StoresError } from "./stores-error.ts";

/** Holds that one reply gives. */
const PAGE_COUNT = 100;

/** A hold as it was read. */
export interface Shelved {
  readonly id: string;
  readonly version: string;
  readonly hold: Hold;
}

/** Holds in Redis, without the rules of approving. */
export interface RedisShelf {
  add(hold: Hold, bounds: readonly number[]): Promise<"exists" | "full" | "parked">;
  read(id: string): Promise<{ readonly nowNs: bigint; readonly shelved?: Shelved }>;
  /** False when somebody else changed it meanwhile. */
  replace(shelved: Shelved, next: Hold): Promise<boolean>;
  list(countMax: number): Promise<readonly Hold[]>;
  endOverdue(): Promise<readonly Hold[]>;
  size(): Promise<{ readonly count: number; readonly bytes: number }>;
  isRewound(): boolean;
  /** The same shelf, whatever it has lost. */
  forced(): RedisShelf;
  /** Takes it as it is now. */
  renew(): Promise<void>;
}

/** The shelf of one prefix. */
export function openRedisShelf(
  { redis, keyPrefix = REDIS_KEY_PREFIX }: RedisStoreOptions,
  testNs: () => bigint | undefined,
): RedisShelf {
  const fence = createRedisFence(redis);
  const base = `${keyPrefix}:{holds}:`;
  return shelfOver({ fence, base, testNs, run: (...call) => fence.run(...call) });
}

interface ShelfGround {
  readonly fence: RedisFence;
  readonly base: string;
  readonly testNs: () => bigint | undefined;
  readonly run: RedisFence["run"];
}

function shelfOver(ground: ShelfGround): RedisShelf {
  const { fence, base, testNs } = ground;
  const fenceKey = `${base}fence`;
  const names = ["open", "due", "requesters", "totals", "ended"].map((name) => base + name);

  function run(script: RedisScript, ...args: readonly (number | string)[]): Promise<readonly unknown[]> {
    const given = testNs();
    const now = given === undefined ? "" : Number(given / NS_PER_US);
    const bounds = [ENDED_HOLD_COUNT_MAX, ENDED_HOLD_BYTES_MAX];
    return ground.run(script, { keys: [fenceKey, ...names], now, args: [base, ...bounds, ...args] });
  }

  const timeOf = (nowUs: unknown): bigint => testNs() ?? BigInt(String(nowUs)) * NS_PER_US;

  async function replaceText({ id, version }: Omit<Shelved, "hold">, text: string, dueMs?: string): Promise<boolean> {
    const [answer] = await run(REPLACE, id, version, text, dueMs === undefined ? 0 : 1, dueMs ?? 0);
    return answer === "replaced";
  }

  const replace: RedisShelf["replace"] = (shelved, next) =>
    replaceText(shelved, encodeHold(next), isOpenHold(next) ? dueMsOf(next) : undefined);

  return {
    replace,
    endOverdue: () => endOverdue({ run, timeOf, replaceText }),
    async add(hold, bounds) {
      const bytes = holdBytes(hold);
      const [answer] = await run(PARK, hold.id, encodeHold(hold), bytes, requesterKey(hold), dueMsOf(hold), ...bounds);
      if (answer === "parked" || answer === "full" || answer === "exists") return answer;
      throw new StoresError("store.refused", "Redis: a hold's answer makes no sense");
    },
    async read(id) {
      const [nowUs, version, text] = await run(READ, id);
      const nowNs = timeOf(nowUs);
      if (text === "") return { nowNs };
      return { nowNs, shelved: { id, version: String(version), hold: decodeHold(String(text)) } };
    },
    async list(countMax) {
      const holds: Hold[] = [];
      for (let from = 0; from < countMax; from += PAGE_COUNT) {
        const texts = await run(LIST, from, Math.min(PAGE_COUNT, countMax - from));
        holds.push(...texts.map((text) => readable(String(text))).filter((hold) => hold !== undefined));
        if (texts.length < PAGE_COUNT) break;
      }
      return holds;
    },
    async size() {
      const [count, bytes] = await run(SIZE);
      return { count: Number(count), bytes: Number(bytes) };
    },
    isRewound: () => fence.rewound().length > 0,
    forced: () => shelfOver({ ...ground, run: (...call) => fence.force(...call) }),
    renew: () => fence.renew(fenceKey),
  };
}

interface Sweeping {
  readonly run: (script: RedisScript, ...args: readonly (number | string)[]) => Promise<readonly unknown[]>;
  readonly timeOf: (nowUs: unknown) => bigint;
  readonly replaceText: (shelved: Omit<Shelved, "hold">, text: string) => Promise<boolean>;
}

async function endOverdue({ run, timeOf, replaceText }: Sweeping): Promise<readonly Hold[]> {
  const ended: Hold[] = [];
  for (;;) {
    const [nowUs, ...told] = await run(OVERDUE, PAGE_COUNT);
    const nowNs = timeOf(nowUs);
    let endedCount = 0;
    for (let i = 0; i < told.length; i += 3) {
      const [id = "", version = "", text = ""] = told.slice(i, i + 3).map(String);
      const next = expiredHold(text, nowNs);
      if (next === undefined) continue;
      // One that can't be read leaves too, as it is: it could never be released.
      const isEnded = await replaceText({ id, version }, next === "damaged" ? text : encodeHold(next));
      if (isEnded) endedCount++;
      if (isEnded && next !== "damaged") ended.push(next);
    }
    if (endedCount < PAGE_COUNT) return ended;
  }
}

function expiredHold(text: string, nowNs: bigint): Hold | "damaged" | undefined {
  const hold = readable(text);
  if (hold === undefined) return "damaged";
  return nowNs < holdDueNs(hold) ? undefined : { ...hold, status: "expired" };
}

const NS_PER_US = 1_000n;
const NS_PER_MS = 1_000_000n;

function dueMsOf(hold: Hold): string {
  return String(holdDueNs(hold) / NS_PER_MS);
}

/** A damaged hold is left alone here: it can't be shown, approved or released, and tells so whoever asks for it. */
function readable(text: string): Hold | undefined {
  try {
    return decodeHold(text);
  } catch (reason) {
    if (!isStoresError(reason)) throw reason;
    return undefined;
  }
}
