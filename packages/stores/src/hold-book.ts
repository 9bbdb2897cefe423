import { judgeHold, type Hold, type HoldChange, type Verdict } from "@cortexos/kernel";
import {
  endedRefusal,
  ENDED_HOLD_BYTES_MAX,
  ENDED_HOLD_COUNT_MAX,
  HOLD_BYTES_MAX,
  HOLD_COUNT_MAX,
  holdBytes,
  holdDueNs,
  holdExists,
  HOLDS_PER_REQUESTER_MAX,
  isOpenHold,
  parkedHold,
  requesterKey,
  type HoldBounds,
} from "./hold-terms.ts";

/**
 * All holds as plain values: it says what each step would make of a hold, and is told what was made of it. So the same rules hold whether the
 * step is taken at once, or only once a server has taken it.
 */
export interface HoldBook {
  /** The hold as it would be parked. @throws StoresError `hold.exists`, `hold.terms`. */
  park(hold: Hold): Hold | "full";
  judge(id: string, said: Verdict): HoldChange;
  /** The released hold; nothing where it isn't approved. */
  claim(id: string): Hold | undefined;
  /** Open holds whose time is over, as they would end. */
  overdue(nowNs: bigint): readonly Hold[];
  /** Puts a hold's state in its place. Gives the ids of ended holds that were forgotten for it. */
  apply(hold: Hold): readonly string[];
  get(id: string): Hold | undefined;
  /** Open ones, the oldest first. */
  list(countMax: number): readonly Hold[];
  /** Open holds and the bytes they take. */
  size(): { readonly count: number; readonly bytes: number };
}

interface Kept {
  readonly hold: Hold;
  readonly bytes: number;
}

/** An empty book. */
export function openHoldBook(bounds: HoldBounds): HoldBook {
  const { countMax = HOLD_COUNT_MAX, bytesMax = HOLD_BYTES_MAX, perRequesterMax = HOLDS_PER_REQUESTER_MAX } = bounds;
  const open = createPages();
  const ended = createPages();
  const hasRoom = (hold: Hold): boolean =>
    open.count() < countMax &&
    open.bytes() + holdBytes(hold) <= bytesMax &&
    open.countOf(requesterKey(hold)) < perRequesterMax;
  return {
    park(hold) {
      const parked = parkedHold(hold);
      if (open.get(hold.id) !== undefined || ended.get(hold.id) !== undefined) throw holdExists(hold.id);
      return hasRoom(hold) ? parked : "full";
    },
    judge(id, said) {
      const kept = open.get(id);
      return kept === undefined ? endedRefusal(ended.get(id)?.hold) : judgeHold(kept.hold, said);
    },
    claim(id) {
      const kept = open.get(id);
      return kept?.hold.status === "approved" ? { ...kept.hold, status: "released" } : undefined;
    },
    overdue: (nowNs) =>
      Array.from(open.all(), ({ hold }) => hold)
        .filter((hold) => nowNs >= holdDueNs(hold))
        .map((hold) => ({ ...hold, status: "expired" })),
    apply(hold) {
      if (isOpenHold(hold)) {
        open.set(hold);
        return [];
      }
      open.delete(hold.id);
      ended.set(hold);
      return ended.trim();
    },
    get: (id) => (open.get(id) ?? ended.get(id))?.hold,
    list: (listCountMax) => Array.from(open.all(), ({ hold }) => hold).slice(0, Math.max(0, listCountMax)),
    size: () => ({ count: open.count(), bytes: open.bytes() }),
  };
}

interface Pages {
  get(id: string): Kept | undefined;
  set(hold: Hold): void;
  delete(id: string): void;
  all(): Iterable<Kept>;
  count(): number;
  bytes(): number;
  countOf(requester: string): number;
  /** Forgets the oldest above the bounds of ended holds. */
  trim(): readonly string[];
}

/** Holds by id in order of arrival, counted by requester and in bytes. */
function createPages(): Pages {
  const kept = new Map<string, Kept>();
  const countByRequester = new Map<string, number>();
  let bytes = 0;
  const account = ({ hold, bytes: own }: Kept, by: 1 | -1): void => {
    const requester = requesterKey(hold);
    const count = (countByRequester.get(requester) ?? 0) + by;
    if (count === 0) countByRequester.delete(requester);
    else countByRequester.set(requester, count);
    bytes += by * own;
  };
  const remove = (id: string): void => {
    const known = kept.get(id);
    if (known !== undefined) account(known, -1);
    kept.delete(id);
  };
  return {
    get: (id) => kept.get(id),
    set(hold) {
      const known = kept.get(hold.id);
      const next = { hold, bytes: holdBytes(hold) };
      if (known !== undefined) account(known, -1);
      kept.set(hold.id, next);
      account(next, 1);
    },
    delete: remove,
    all: () => kept.values(),
    count: () => kept.size,
    bytes: () => bytes,
    countOf: (requester) => countByRequester.get(requester) ?? 0,
    trim() {
      const forgotten: string[] = [];
      for (const id of kept.keys()) {
        if (kept.size <= ENDED_HOLD_COUNT_MAX && bytes <= ENDED_HOLD_BYTES_MAX) break;
        remove(id);
        forgotten.push(id);
      }
      return forgotten;
    },
  };
}
