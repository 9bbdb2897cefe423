import type { Hold, HoldStore } from "@cortexos/kernel";

/** Holds that outlive every process and are shared by many. Time is the store's, whatever a caller tells. */
export interface SharedHoldStore extends HoldStore {
  /**
   * Ends what is over. After the store was seen to have lost acknowledged writes, every other call is refused, and this ends every open hold: nobody knows
   * which of them were released. From then on the store is taken as it is.
   */
  expire(nowNs: string): Promise<readonly Hold[]>;
  /** Open holds and the bytes they take. */
  size(): Promise<{ readonly count: number; readonly bytes: number }>;
  /** Whether the store was seen to have lost acknowledged writes. */
  isRewound(): boolean;
}

/** Most attempts of one change while others change the same hold. */
export const CHANGE_TRIES_MAX = 16;
