import type { Principal } from "@cortexos/protocol";
import type { Hold, HoldChange, HoldRefusal } from "./ports.ts";

/** Who says what about a hold, and when. */
export interface Verdict {
  readonly verdict: "approve" | "deny";
  readonly by: Principal;
  /** Nanoseconds since 1970, as a decimal string. */
  readonly atNs: string;
}

/**
 * What a verdict makes of a hold: pure, so that every store applies the same rules in its own atomic step.
 *
 * An approver is a human of the requester's tenant with every role that the hold asks for, never the requester or anyone in its chain of
 * delegation; a quorum is of distinct ones. Deny wins: it also ends a hold that is approved and not yet released.
 */
export function judgeHold(hold: Hold, said: Verdict): HoldChange {
  const code = refusalOf(hold, said);
  if (code !== undefined) return { ok: false, code, reason: REASONS[code] };
  if (said.verdict === "deny") return { ok: true, hold: { ...hold, status: "denied" } };
  const approvals = [...hold.approvals, { by: said.by.id, atNs: said.atNs }];
  const quorum = hold.decision.hold?.quorum ?? Number.POSITIVE_INFINITY;
  return { ok: true, hold: { ...hold, approvals, status: approvals.length >= quorum ? "approved" : "waiting" } };
}

/** Roles that every approver of a hold must have, all of them: `approvers` joins them with commas. */
export function approverRoles(approvers: string): readonly string[] {
  return approvers.split(",");
}

const REASONS: Readonly<Record<HoldRefusal, string>> = {
  "approval.unknown": "there is no such held message",
  "approval.not_waiting": "the message no longer waits",
  "approval.expired": "the time for approving is over",
  "approval.requester": "who asked for it, or acts for the same one, can't decide it",
  "approval.role": "an approver is a human of the requester's tenant with every role asked for",
  "approval.repeated": "each approver counts once",
};

function refusalOf(hold: Hold, { atNs, by, verdict }: Verdict): HoldRefusal | undefined {
  const isOpen = hold.status === "waiting" || (hold.status === "approved" && verdict === "deny");
  if (!isOpen) return "approval.not_waiting";
  const { approvers = "", expires_at_ns: expiresAtNs = "0" } = hold.decision.hold ?? {};
  // An approved hold may be denied until it is released, however late.
  if (hold.status === "waiting" && BigInt(atNs) >= BigInt(expiresAtNs)) return "approval.expired";
  if (isSameActor(hold.requester, by)) return "approval.requester";
  if (by.kind !== "human" || by.tenant !== hold.requester.tenant) return "approval.role";
  if (!approverRoles(approvers).every((role) => by.roles.includes(role))) return "approval.role";
  const repeats = verdict === "approve" && hold.approvals.some((approval) => approval.by === by.id);
  return repeats ? "approval.repeated" : undefined;
}

function isSameActor(requester: Principal, by: Principal): boolean {
  const behindRequester = [requester.id, requester.on_behalf_of];
  return (
    behindRequester.includes(by.id) || (by.on_behalf_of !== undefined && behindRequester.includes(by.on_behalf_of))
  );
}
