import type { SharedHoldStore } from "@cortexos/stores";
import type { Stores } from "./open-stores.ts";

/** Remembers how many messages are held, for who can't wait for the answer. */
export function createHoldCount(holds: Pick<SharedHoldStore, "size">): Pick<Stores, "countHolds" | "holdCount"> {
  let latest = 0;
  return {
    holdCount: () => latest,
    async countHolds() {
      latest = (await holds.size()).count;
    },
  };
}
