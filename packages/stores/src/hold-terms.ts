import type { Hold, HoldChange } from "@cortexos/kernel";
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

/** Most of what a hold store keeps. */
export interface HoldBounds {
  /** {@link HOLD_COUNT_MAX} unless given. */
  readonly countMax?: number;
  /** {@link HOLD_BYTES_MAX} unless given. */
  readonly bytesMax?: number;
  /** {@link HOLDS_PER_REQUESTER_MAX} unless given. */
  readonly perRequesterMax?: number;
}

const NS_PER_MS = 1_000_000n;

/**
 * A hold as it is parked: nobody has approved it, whatever it claims, and its bytes are a copy, so that what an approver sees is what is released.
 *
 * @throws StoresError `hold.terms` for one that could be approved by nobody in particular, or wait for ever: a bug of the caller.
 */
export function parkedHold(hold: Hold): Hold {
  const terms = hold.decision.hold;
  const isSound =
    terms !== undefined &&
    terms.approvers !== "" &&
    Number.isSafeInteger(terms.quorum) &&
    terms.quorum >= 1 &&
    /^\d{1,20}$/.test(terms.expires_at_ns);
  if (!isSound) throw new StoresError("hold.terms", `hold ${hold.id} has no terms that can be kept`);
  const message = { ...hold.message, payload: new Uint8Array(hold.message.payload) };
  return { ...hold, message, approvals: [], status: "waiting" };
}

/** When an open hold ends by itself: at its expiry, or a while later where it is approved and on its way. */
export function holdDueNs({ decision, status }: Hold): bigint {
  const graceNs = status === "approved" ? BigInt(CLAIM_MS_MAX) * NS_PER_MS : 0n;
  return BigInt(decision.hold?.expires_at_ns ?? "0") + graceNs;
}

/** Whether anything can still become of a hold. */
export function isOpenHold({ status }: Hold): boolean {
  return status === "waiting" || status === "approved";
}

/** Why nothing can be said about a hold that isn't open. */
export function endedRefusal(hold: Hold | undefined): HoldChange {
  if (hold === undefined) return { ok: false, code: "approval.unknown", reason: "no held message has this id" };
  return { ok: false, code: "approval.not_waiting", reason: `it is ${hold.status}` };
}

/** A hold comes again under the same id. */
export function holdExists(id: string): StoresError {
  return new StoresError("hold.exists", `hold ${id} exists`);
}

/** Who asked, as a key. */
export function requesterKey({ requester }: Hold): string {
  return JSON.stringify([requester.tenant, requester.id]);
}

/** Bytes of a hold: its frame, and its input and decision as JSON. */
export function holdBytes({ decision, input, message }: Hold): number {
  const headerBytes = message.headers.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
  const frameBytes = message.subject.length + message.reply.length + headerBytes + message.payload.length;
  return frameBytes + Buffer.byteLength(JSON.stringify(input)) + Buffer.byteLength(JSON.stringify(decision));
}
