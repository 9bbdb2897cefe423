import type { Hold, HoldChange, HoldStore, Verdict } from "@cortexos/kernel";
import { openHoldBook } from "./hold-book.ts";
import type { HoldBounds } from "./hold-terms.ts";

/** A hold store that answers at once and tells how full it is. */
export interface MemoryHoldStore extends HoldStore {
  park(hold: Hold): "parked" | "full";
  get(id: string): Hold | undefined;
  list(countMax: number): readonly Hold[];
  approve: (...said: Parameters<HoldStore["approve"]>) => HoldChange;
  deny: (...said: Parameters<HoldStore["deny"]>) => HoldChange;
  claimRelease(id: string): boolean;
  expire(nowNs: string): readonly Hold[];
  /** Open holds and the bytes they take. */
  size(): { readonly count: number; readonly bytes: number };
}

/** Approvals of one process; what waits is lost with it, which is a refusal and never a release. */
export function createMemoryHoldStore(bounds: HoldBounds = {}): MemoryHoldStore {
  const book = openHoldBook(bounds);
  const judge = (id: string, said: Verdict): HoldChange => {
    const change = book.judge(id, said);
    if (change.ok) book.apply(change.hold);
    return change;
  };
  return {
    size: () => book.size(),
    park(hold) {
      const parked = book.park(hold);
      if (parked === "full") return "full";
      book.apply(parked);
      return "parked";
    },
    get: (id) => book.get(id),
    list: (countMax) => book.list(countMax),
    approve: (id, by, atNs) => judge(id, { verdict: "approve", by, atNs }),
    deny: (id, by, atNs) => judge(id, { verdict: "deny", by, atNs }),
    claimRelease(id) {
      const released = book.claim(id);
      if (released !== undefined) book.apply(released);
      return released !== undefined;
    },
    expire(nowNs) {
      const expired = book.overdue(BigInt(nowNs));
      for (const hold of expired) book.apply(hold);
      return expired;
    },
  };
}
