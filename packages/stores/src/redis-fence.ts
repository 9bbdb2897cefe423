import { randomBytes } from "node:crypto";
import type { RedisLink } from "./redis-link.ts";
import { FENCE_MS_MAX, type RedisScript } from "./redis-script.ts";
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
  /** Slots that were found to have lost writes and were not forgiven. */
  rewound(): readonly string[];
  /** Takes a slot as it is now: what it held has been built anew. */
  forgive(fenceKey: string): void;
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
  const lost = new Set<string>();
  const ownId = randomBytes(16).toString("hex");

  /** Answers of calls under way at once come in any order. */
  function note(slot: string, seen: Seen): void {
    const { epoch, seq, own } = seenBySlot.get(slot) ?? seen;
    const newest = epoch === seen.epoch ? { seq: Math.max(seq, seen.seq), own: Math.max(own, seen.own) } : {};
    seenBySlot.set(slot, { ...seen, ...newest });
  }

  function recall(slot: string): readonly [epoch: string, seq: number, own: number] {
    const seen = seenBySlot.get(slot);
    if (seen === undefined) return ["", 0, 0];
    // Redis forgets the own count of who changes nothing for long.
    const isOld = performance.now() - seen.atMs > FENCE_MS_MAX / 2;
    return [seen.epoch, seen.seq, isOld ? 0 : seen.own];
  }

  return {
    rewound: () => [...lost],
    forgive(slot) {
      lost.delete(slot);
      seenBySlot.delete(slot);
    },
    async run(script, { keys, now, args }) {
      const [slot] = keys;
      if (lost.has(slot)) throw rewound(slot);
      const [epochSeen, seqSeen, ownSeen] = recall(slot);
      const fenceArgs = [now, epochSeen, seqSeen, ownId, ownSeen];
      const [verdict, epoch, seq, own, ...told] = await redis.run(script, keys, [...fenceArgs, ...args]);
      if (verdict === "rewound") {
        lost.add(slot);
        throw rewound(slot);
      }
      note(slot, { epoch: String(epoch), seq: Number(seq), own: Number(own), atMs: performance.now() });
      return told;
    },
  };
}

function rewound(slot: string): StoresError {
  return new StoresError("store.rewound", `Redis: ${slot} holds less than was acknowledged`);
}
