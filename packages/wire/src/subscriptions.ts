import type { Buffer } from "node:buffer";
import { createSubjectIndex } from "./subject-index.ts";

/** One open subscription, counted as client and server each see it. */
export interface Subscription {
  readonly sid: string;
  readonly subject: string;
  /** Bytes of its text. */
  readonly bytes: number;
  /** Deliveries after which the client closes it, ours included; 0 for no end. */
  max: number;
  /** Messages the server delivered. */
  deliveredCount: number;
  /** Messages we delivered. */
  injectedCount: number;
}

/** The client's subscriptions, so that a reply of ours can be addressed to the one that waits for it. */
export interface Subscriptions {
  /** Bytes of the text of all that are open. */
  readonly bytes: number;
  /**
   * Opens the subscription of a SUB.
   *
   * @param args - subject, queue if there is one, sid.
   * @returns false at a bound.
   */
  open(args: readonly string[]): boolean;
  /**
   * The client's UNSUB.
   *
   * @returns the maximum to ask of the server: the client counts our messages too. 0 closes now.
   */
  close(sid: string, max: number): number;
  /** Counts a delivery of the server. */
  countDelivery(bytes: Buffer, sidStart: number, sidEnd: number): void;
  /** A subscription that would get a message on this subject. */
  find(subject: string): Subscription | undefined;
  /**
   * Counts a delivery of ours.
   *
   * @returns the maximum the server must be told now (0 closes), or `undefined` when nothing changes for it.
   */
  countInjection(subscription: Subscription): number | undefined;
}

export interface SubscriptionLimits {
  readonly countMax: number;
  readonly bytesMax: number;
}

export function createSubscriptions({ countMax, bytesMax }: SubscriptionLimits): Subscriptions {
  const bySid = new Map<number | string, Subscription>();
  const index = createSubjectIndex<Subscription>();
  let openBytes = 0;
  return {
    get bytes() {
      return openBytes;
    },
    open: (args) => {
      const [subject = ""] = args;
      const sid = args.at(-1) ?? "";
      const key = sidKey(sid);
      // As the server: a sid in use keeps its first subscription.
      if (bySid.has(key)) return true;
      const bytes = args.reduce((sum, arg) => sum + arg.length, 0);
      if (bySid.size >= countMax || openBytes + bytes > bytesMax) return false;
      openBytes += bytes;
      const subscription = { sid, subject, bytes, max: 0, deliveredCount: 0, injectedCount: 0 };
      bySid.set(key, subscription);
      index.add(subscription);
      return true;
    },
    close: (sid, max) => {
      const subscription = bySid.get(sidKey(sid));
      if (subscription === undefined) return max;
      subscription.max = max;
      if (isSpent(subscription)) {
        remove(subscription);
        return 0;
      }
      return max - subscription.injectedCount;
    },
    countDelivery: (bytes, sidStart, sidEnd) => {
      const subscription = bySid.get(sidKeyOf(bytes, sidStart, sidEnd));
      if (subscription !== undefined) countOne(subscription);
    },
    find: (subject) => index.find(subject),
    countInjection: (subscription) => {
      subscription.injectedCount++;
      if (subscription.max === 0) return undefined;
      if (isSpent(subscription)) {
        remove(subscription);
        return 0;
      }
      return subscription.max - subscription.injectedCount;
    },
  };

  function countOne(subscription: Subscription): void {
    subscription.deliveredCount++;
    if (subscription.max > 0 && isSpent(subscription)) remove(subscription);
  }

  function remove(subscription: Subscription): void {
    bySid.delete(sidKey(subscription.sid));
    openBytes -= subscription.bytes;
    index.remove(subscription);
  }
}

function isSpent({ max, deliveredCount, injectedCount }: Subscription): boolean {
  return deliveredCount + injectedCount >= max;
}

/** Sids are numbers with all common clients: these are kept as such, so that a delivery makes no string. */
function sidKeyOf(bytes: Buffer, start: number, end: number): number | string {
  const length = end - start;
  if (length > 9 || bytes[start] === 0x30) return bytes.toString("latin1", start, end);
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = (bytes[i] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return bytes.toString("latin1", start, end);
    value = value * 10 + digit;
  }
  return value;
}

function sidKey(sid: string): number | string {
  return /^[1-9][0-9]{0,8}$/.test(sid) ? Number(sid) : sid;
}
