import type { Principal } from "@cortexos/protocol";
import { denial } from "./combine.ts";
import { reportFault } from "./gate-options.ts";
import type { GateResult } from "./gate-types.ts";
import { endHold, expireHolds, releaseHold, type HoldDesk } from "./hold-desk.ts";
import { judgeHold } from "./judge-hold.ts";
import type { Hold, HoldChange, HoldRefusal, HoldStore } from "./ports.ts";
import { HOLD_LIST_COUNT_MAX, resumeHolds } from "./resume-holds.ts";

/** What people do with held messages. Rejects only when the hold store doesn't answer. */
export interface Approvals {
  /** Open holds, the oldest first. */
  list(countMax?: number): Promise<readonly Hold[]>;
  show(id: string): Promise<Hold | undefined>;
  /**
   * Approves a held message. The last approval of a quorum decides the message again under the current policy, budget and throttles,
   * and then releases it or refuses it.
   */
  approve(id: string, by: Principal): Promise<ApprovalAnswer>;
  /** Ends a hold: its sender is refused. */
  deny(id: string, by: Principal): Promise<ApprovalAnswer>;
  /** Ends what nobody approved in time. The gate does so by itself for what it parked; for holds of an earlier process call this. */
  expire(): Promise<number>;
  /**
   * Goes on with what was approved `RESUME_MS_MIN` ago or longer and not released: a process that ended in between left it. Gives their
   * count. Call it now and then where holds outlive a process.
   */
  resume(): Promise<number>;
}

/** What came of an approval or deny. */
export type ApprovalAnswer =
  | {
      readonly ok: true;
      readonly hold: Hold;
      /** What the sender was told, once the hold has ended. */
      readonly result?: GateResult;
    }
  | { readonly ok: false; readonly code: HoldRefusal; readonly reason: string };

export function createApprovals(desk: HoldDesk): Approvals {
  const { options, recorder } = desk;
  const { holds } = options;

  async function judge(verdict: "approve" | "deny", id: string, by: Principal): Promise<ApprovalAnswer> {
    const hold = await holds?.get(id);
    if (holds === undefined || hold === undefined) return UNKNOWN;
    const atNs = options.clock.nowNs().toString();
    // The store judges again in its own atomic step; a store that is too kind doesn't widen anything.
    const judged = judgeHold(hold, { verdict, by, atNs });
    if (!judged.ok) return judged;
    const change = await changeHold(holds, { verdict, id, by, atNs });
    return change.ok ? conclude(change.hold, verdict, by) : change;
  }

  async function conclude(hold: Hold, verdict: "approve" | "deny", by: Principal): Promise<ApprovalAnswer> {
    const head = recorder.head(hold.input.context.session.id);
    const record = { ...head, type: "approval", hold_id: hold.id, verdict, by: by.id } as const;
    if (verdict === "deny") {
      void recorder.attempt(record);
      return { ok: true, hold, result: endHold(desk, hold, denial("hold.denied", `denied by ${by.id}`)) };
    }
    try {
      await recorder.append(record);
    } catch {
      return unrecorded(hold);
    }
    if (hold.status !== "approved") return { ok: true, hold };
    const result = await releaseHold(desk, hold);
    return result === undefined ? { ok: true, hold } : { ok: true, hold, result };
  }

  /** An approval without a record releases nothing, neither now nor later. */
  async function unrecorded(hold: Hold): Promise<ApprovalAnswer> {
    if (hold.status !== "approved") return { ok: true, hold };
    try {
      await holds?.claimRelease(hold.id);
    } catch (thrown) {
      reportFault(options, "holds", thrown);
    }
    return {
      ok: true,
      hold,
      result: endHold(desk, hold, denial("record.unavailable", "the approval couldn't be recorded")),
    };
  }

  return {
    approve: (id, by) => judge("approve", id, by),
    deny: (id, by) => judge("deny", id, by),
    expire: () => expireHolds(desk),
    resume: () => resumeHolds(desk),
    list: async (countMax = HOLD_LIST_COUNT_MAX) => (await holds?.list(Math.min(countMax, HOLD_LIST_COUNT_MAX))) ?? [],
    show: async (id) => holds?.get(id),
  };
}

const UNKNOWN: ApprovalAnswer = { ok: false, code: "approval.unknown", reason: "there is no such held message" };

interface Said {
  readonly verdict: "approve" | "deny";
  readonly id: string;
  readonly by: Principal;
  readonly atNs: string;
}

async function changeHold(holds: HoldStore, { atNs, by, id, verdict }: Said): Promise<HoldChange> {
  return verdict === "approve" ? holds.approve(id, by, atNs) : holds.deny(id, by, atNs);
}
