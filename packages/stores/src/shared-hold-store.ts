import type { Hold, HoldStore } from "@cortexos/kernel";

/** Holds that outlive every process and are shared by many. */
export interface SharedHoldStore extends HoldStore {
  /** Open holds and the bytes they take. */
  size(): Promise<{ readonly count: number; readonly bytes: number }>;
  /** Whether the store was seen to have lost acknowledged writes. Every call is refused then, until {@link abandon}. */
  isRewound(): boolean;
  /**
   * Ends every open hold as expired and takes the store as it is: after a lost tail nobody knows which of them were released. Gives those that were
   * ended, so that it can be recorded.
   */
  abandon(): Promise<readonly Hold[]>;
}

/** Most attempts of one change while others change the same hold. */
export const CHANGE_TRIES_MAX = 16;
