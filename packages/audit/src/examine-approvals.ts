import type { AuditRecord } from "@cortexos/protocol";
import { readRecord } from "./read-trail.ts";

/** What a trail says of held messages. */
export interface ApprovalExaminer {
  /** @param line - of a sealed record. */
  line(line: string): void;
  finish(): ApprovalReport;
}

export interface ApprovalReport {
  readonly faults: readonly string[];
  /** Releases after an approval. */
  readonly releaseCount: number;
  /** Those whose hold is in another trail. */
  readonly unknownCount: number;
}

interface Hold {
  readonly frame: string;
  readonly requester: string;
}

interface Release {
  readonly recordId: string;
  readonly holdId: string;
  readonly approvedBy: readonly string[];
  readonly frame: string;
}

/**
 * Holds every release after an approval against the records of its hold: the same frame, released once, by approvals that are on record, none of them the
 * requester's.
 */
export function createApprovalExaminer(): ApprovalExaminer {
  const holds = new Map<string, Hold>();
  const approvals = new Map<string, Set<string>>();
  const releases: Release[] = [];

  function note(record: AuditRecord): void {
    if (record.type === "approval" && record.verdict === "approve") {
      const by = approvals.get(record.hold_id) ?? new Set<string>();
      approvals.set(record.hold_id, by.add(record.by));
    }
    if (record.type !== "decision") return;
    const { approval, decision, frame_sha256: frame, input, record_id: recordId } = record;
    if (decision.outcome === "REQUIRE_HUMAN") holds.set(decision.decision_id, { frame, requester: input.principal.id });
    if (approval === undefined || frame === "") return;
    releases.push({ recordId, holdId: approval.hold_id, approvedBy: approval.approved_by, frame });
  }

  return {
    line: (line) => {
      // Few records have to do with approvals, and reading one is dear.
      if (!MARKS.some((mark) => line.includes(mark))) return;
      const record = readRecord(line.trimEnd());
      if (record !== undefined) note(record);
    },
    finish: () => {
      const released = new Set<string>();
      const faults: string[] = [];
      let unknownCount = 0;
      for (const release of releases) {
        const { holdId, recordId } = release;
        if (released.has(holdId)) faults.push(`${recordId}: releases hold ${holdId} a second time`);
        released.add(holdId);
        const hold = holds.get(holdId);
        if (hold === undefined) unknownCount++;
        else faults.push(...releaseFaults(release, hold, approvals.get(holdId) ?? new Set()));
      }
      return { faults, releaseCount: releases.length, unknownCount };
    },
  };
}

const MARKS = ['"type":"approval"', '"approval":{"hold_id"', '"outcome":"REQUIRE_HUMAN"'];

function releaseFaults(
  { approvedBy, frame, holdId, recordId }: Release,
  hold: Hold,
  approvals: ReadonlySet<string>,
): readonly string[] {
  const faults: string[] = [];
  if (frame !== hold.frame) faults.push(`${recordId}: isn't the message that hold ${holdId} showed`);
  for (const by of approvedBy) {
    if (by === hold.requester) faults.push(`${recordId}: approved by its requester ${by}`);
    else if (!approvals.has(by)) faults.push(`${recordId}: no approval of hold ${holdId} by ${by} is on record`);
  }
  return faults;
}
