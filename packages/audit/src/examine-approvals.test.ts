import type { AuditRecord, DecisionRecord } from "@cortexos/protocol";
import { describe, expect, it } from "vitest";
import { createApprovalExaminer, type ApprovalReport } from "./examine-approvals.ts";
import { sampleRecord } from "./testing/sample-record.ts";

const FRAME = `sha256:${"f".repeat(64)}`;
const base = sampleRecord();
const hold: DecisionRecord = {
  ...base,
  record_id: "w/1/1",
  decision: { ...base.decision, decision_id: "h-1", outcome: "REQUIRE_HUMAN" },
};
const approvalBy = (by: string): AuditRecord => ({
  schema: "cortexos.record/1",
  record_id: "w/1/2",
  at_ns: "2",
  origin: base.origin,
  type: "approval",
  hold_id: "h-1",
  verdict: "approve",
  by,
});
const release = (over: Partial<DecisionRecord> = {}, by: readonly string[] = ["ada"]): DecisionRecord => ({
  ...base,
  record_id: "w/1/3",
  approval: { hold_id: "h-1", approved_by: by },
  ...over,
});

function examine(...records: readonly AuditRecord[]): ApprovalReport {
  const examiner = createApprovalExaminer();
  for (const record of records) examiner.line(`${JSON.stringify(record)}\n`);
  return examiner.finish();
}

describe("createApprovalExaminer", () => {
  it("takes a release for what its hold showed and its approvers approved, in any order", () => {
    for (const records of [
      [hold, approvalBy("ada"), release()],
      [release(), approvalBy("ada"), hold],
    ]) {
      expect(examine(...records)).toEqual({ faults: [], releaseCount: 1, unknownCount: 0 });
    }
  });

  it.each<[string, readonly AuditRecord[], string]>([
    [
      "another message",
      [hold, approvalBy("ada"), release({ frame_sha256: FRAME.replace("f", "e") })],
      "isn't the message that hold h-1 showed",
    ],
    ["an approver who never did", [hold, approvalBy("ada"), release({}, ["mallory"])], "by mallory is on record"],
    ["the requester", [hold, approvalBy("agent-7"), release({}, ["agent-7"])], "approved by its requester agent-7"],
    [
      "a second release",
      [hold, approvalBy("ada"), release(), release({ record_id: "w/1/4" })],
      "w/1/4: releases hold h-1 a second time",
    ],
  ])("finds %s", (_what, records, fault) => {
    expect(examine(...records).faults).toEqual([expect.stringContaining(fault)]);
  });

  it("says that it doesn't know a hold of another trail", () => {
    expect(examine(approvalBy("ada"), release())).toEqual({ faults: [], releaseCount: 1, unknownCount: 1 });
    expect(examine(base)).toEqual({ faults: [], releaseCount: 0, unknownCount: 0 });
  });
});
