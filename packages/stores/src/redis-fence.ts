import { randomBytes } from "node:crypto";
import type { RedisLink } from "./redis-link.ts";
import { FENCE_MS_MAX, RENEW_FENCE, type RedisScript } from "./redis-script.ts";
import { StoresError } from "./stores-error.ts";

/** A fenced call. */
export interface FencedCall {
  /** The fence of the slot, first; then the script's own keys, all of one slot. */
  readonly keys: readonly [fence: string, ...others: readonly string[]];
  /** The time that a test gives; the empty text is Redis's own. */
  readonly now: number | "";
  /** From ARGV 6 on. */
  readonly args: readonly (number | string)[];
}

/** Calls fenced scripts and remembers what each slot was seen to hold. */
export interface RedisFence {
  /**
   * Runs a script that begins with `LUA_FENCE`.
   *
   * @returns what it told.
   * @throws StoresError `store.away`, `store.refused`, `store.unsafe`; `store.rewound` when the slot holds less than this process has seen acknowledged.
   */
  run(script: RedisScript, call: FencedCall): Promise<readonly unknown[]>;
  /** Slots that were found to have lost writes and weren't renewed. */
  rewound(): readonly LostSlot[];
  /** Runs such a script whatever the slot has lost: to build anew what it held. */
  force(script: RedisScript, call: FencedCall): Promise<readonly unknown[]>;
  /** Takes a slot as it is now. Other processes that knew it before go on from there without a rebuilding of their own. */
  renew(fenceKey: string): Promise<void>;
}

/** A slot that holds less than was acknowledged. */
export interface LostSlot {
  readonly slot: string;
  /** Whether the end is missing, or this is another history altogether. */
  readonly extent: "all" | "tail";
  /** When this process last saw it whole, in milliseconds since 1970 on this process's clock. */
  readonly wholeAtMs: number;
}

interface Seen {
  readonly epoch: string;
  readonly seq: number;
  /** Changes of this process. */
  readonly own: number;
  readonly atMs: number;
}

/** Creates the memory of one process. It is as long as the list of tenants, which configuration names. */
export function createRedisFence(redis: RedisLink): RedisFence {
  const seenBySlot = new Map<string, Seen>();
  const lost = new Map<string, LostSlot>();
  const ownId = randomBytes(16).toString("hex");

  /** Answers of calls under way at once come in any order. */
  function note(slot: string, seen: Seen): void {
    const { epoch, seq, own } = seenBySlot.get(slot) ?? seen;
    const newest = epoch === seen.epoch ? { seq: Math.max(seq, seen.seq), own: Math.max(own, seen.own) } : {};
    seenBySlot.set(slot, { ...seen, ...newest });
  }

  function recall(slot: string): Claim {
    const seen = seenBySlot.get(slot);
    if (seen === undefined) return ["", 0, 0];
    // Redis forgets the own count of who changes nothing for long.
    const isOld = performance.now() - seen.atMs > FENCE_MS_MAX / 2;
    return [seen.epoch, seen.seq, isOld ? 0 : seen.own];
  }

  async function call(script: RedisScript, { keys, now, args }: FencedCall, claim: Claim): Promise<Told> {
    const [verdict, ...told] = await redis.run(script, keys, [now, claim[0], claim[1], ownId, claim[2], ...args]);
    if (verdict === "rewound") return { extent: told[0] === "tail" ? "tail" : "all" };
    const [epoch, seq, own, ...answer] = told;
    return { seen: { epoch: String(epoch), seq: Number(seq), own: Number(own), atMs: performance.now() }, answer };
  }

  return {
    rewound: () => [...lost.values()],
    async run(script, fenced) {
      const [slot] = fenced.keys;
      if (lost.has(slot)) throw rewound(slot);
      const { answer = [], extent, seen } = await call(script, fenced, recall(slot));
      if (extent !== undefined) {
        const wholeAtMs = performance.timeOrigin + (seenBySlot.get(slot)?.atMs ?? 0);
        if (!lost.has(slot)) lost.set(slot, { slot, extent, wholeAtMs });
        throw rewound(slot);
      }
      if (seen !== undefined) note(slot, seen);
      return answer;
    },
    force: async (script, fenced) => (await call(script, fenced, ["", 0, 0])).answer ?? [],
    async renew(slot) {
      const known = seenBySlot.get(slot)?.epoch ?? "";
      await redis.run(RENEW_FENCE, [slot], [randomBytes(16).toString("hex"), known]);
      lost.delete(slot);
      seenBySlot.delete(slot);
    },
  };
}

/** Epoch, seq and own count that are claimed to have been seen. */
type Claim = readonly [epoch: string, seq: number, own: number];

interface Told {
  readonly extent?: LostSlot["extent"];
  readonly seen?: Seen;
  readonly answer?: readonly unknown[];
}

function rewound(slot: string): StoresError {
  return new StoresError("store.rewound", `Redis: ${slot} holds less than was acknowledged`);
}
