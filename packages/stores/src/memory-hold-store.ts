import { judgeHold, type Hold, type HoldChange, type HoldStore, type Verdict } from "@cortexos/kernel";
import { createHoldShelf, holdBytes, type Parked } from "./hold-shelf.ts";
import { StoresError } from "./stores-error.ts";

/** Holds that are waiting or approved at once. */
export const HOLD_COUNT_MAX = 10_000;

/** Bytes of messages and inputs of those holds. */
export const HOLD_BYTES_MAX = 67_108_864;

/** Open holds of one requester, so that a flood of one can't bury another's. */
export const HOLDS_PER_REQUESTER_MAX = 100;

/** Ended holds that can still be looked up; the oldest are forgotten first. */
export const ENDED_HOLD_COUNT_MAX = 1_000;

/** Bytes of those. */
export const ENDED_HOLD_BYTES_MAX = 8_388_608;

/** How long after its expiry an approved hold may still be released. */
export const CLAIM_MS_MAX = 60_000;

const NS_PER_MS = 1_000_000n;

/** Bounds of {@link createMemoryHoldStore}. */
export interface MemoryHoldOptions {
  /** {@link HOLD_COUNT_MAX} unless given. */
  readonly countMax?: number;
  /** {@link HOLD_BYTES_MAX} unless given. */
  readonly bytesMax?: number;
  /** {@link HOLDS_PER_REQUESTER_MAX} unless given. */
  readonly perRequesterMax?: number;
}

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
export function createMemoryHoldStore(options: MemoryHoldOptions = {}): MemoryHoldStore {
  const { countMax = HOLD_COUNT_MAX, bytesMax = HOLD_BYTES_MAX, perRequesterMax = HOLDS_PER_REQUESTER_MAX } = options;
  const open = createHoldShelf({ countMax, bytesMax, perRequesterMax });
  const ended = createEndedHolds();
  const end = (parked: Parked, hold: Hold): void => {
    open.remove(parked);
    ended.add({ ...parked, hold });
  };
  const judge = (id: string, said: Verdict): HoldChange => {
    const parked = open.get(id);
    if (parked === undefined) return endedRefusal(ended.get(id));
    const change = judgeHold(parked.hold, said);
    if (!change.ok) return change;
    if (change.hold.status === "denied") end(parked, change.hold);
    else open.replace(parked, change.hold);
    return change;
  };
  return {
    size: () => ({ count: open.count(), bytes: open.bytes() }),
    park(hold) {
      const expiresAtNs = expiryOf(hold);
      const isKnown = open.get(hold.id) !== undefined || ended.get(hold.id) !== undefined;
      if (isKnown) throw new StoresError("hold.exists", `hold ${hold.id} exists`);
      const bytes = holdBytes(hold);
      if (!open.hasRoom(hold, bytes)) return "full";
      // A copy: what an approver sees is what is released, whatever becomes of the sender's buffer.
      const message = { ...hold.message, payload: new Uint8Array(hold.message.payload) };
      open.add({ hold: { ...hold, message, approvals: [], status: "waiting" }, bytes, expiresAtNs });
      return "parked";
    },
    get: (id) => open.get(id)?.hold ?? ended.get(id),
    list: (listCountMax) => Array.from(open.all(), ({ hold }) => hold).slice(0, Math.max(0, listCountMax)),
    approve: (id, by, atNs) => judge(id, { verdict: "approve", by, atNs }),
    deny: (id, by, atNs) => judge(id, { verdict: "deny", by, atNs }),
    claimRelease(id) {
      const parked = open.get(id);
      if (parked?.hold.status !== "approved") return false;
      end(parked, { ...parked.hold, status: "released" });
      return true;
    },
    expire(nowNs) {
      const expired = Array.from(open.all()).filter((parked) => isPast(parked, BigInt(nowNs)));
      return expired.map((parked) => {
        const hold: Hold = { ...parked.hold, status: "expired" };
        end(parked, hold);
        return hold;
      });
    },
  };
}

/** A hold whose terms would let it be approved by nobody in particular, or wait for ever, is a bug of the caller. */
function expiryOf({ id, decision }: Hold): bigint {
  const terms = decision.hold;
  const isSound =
    terms !== undefined &&
    terms.approvers !== "" &&
    Number.isSafeInteger(terms.quorum) &&
    terms.quorum >= 1 &&
    /^\d{1,20}$/.test(terms.expires_at_ns);
  if (!isSound) throw new StoresError("hold.terms", `hold ${id} has no terms that can be kept`);
  return BigInt(terms.expires_at_ns);
}

function isPast({ hold, expiresAtNs }: Parked, nowNs: bigint): boolean {
  const graceNs = hold.status === "approved" ? BigInt(CLAIM_MS_MAX) * NS_PER_MS : 0n;
  return nowNs >= expiresAtNs + graceNs;
}

function endedRefusal(hold: Hold | undefined): HoldChange {
  if (hold === undefined) return { ok: false, code: "approval.unknown", reason: "no held message has this id" };
  return { ok: false, code: "approval.not_waiting", reason: `it is ${hold.status}` };
}

/** Remembers how holds ended, within bounds. */
function createEndedHolds(): {
  add(parked: Parked): void;
  get(id: string): Hold | undefined;
} {
  const ended = new Map<string, Parked>();
  let bytes = 0;
  return {
    get: (id) => ended.get(id)?.hold,
    add(added) {
      ended.set(added.hold.id, added);
      bytes += added.bytes;
      for (const [id, oldest] of ended) {
        if (ended.size <= ENDED_HOLD_COUNT_MAX && bytes <= ENDED_HOLD_BYTES_MAX) return;
        ended.delete(id);
        bytes -= oldest.bytes;
      }
    },
  };
}
