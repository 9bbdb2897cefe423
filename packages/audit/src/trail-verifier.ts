import { readSeal, sealHash, type BatchSeal } from "./batch-seal.ts";
import { examineAnchors, type AnchorReport } from "./examine-anchors.ts";
import { examineChain, type ChainReport, type SealedBatch } from "./examine-chain.ts";
import { createApprovalExaminer, type ApprovalReport } from "./examine-approvals.ts";
import type { CheckpointKey, SignedCheckpoint } from "./checkpoint.ts";

/** `unconfirmed`: nothing says otherwise, and nothing shows it. */
export type TrailVerdict = "pass" | "fail" | "unconfirmed";

/** What is wrong, one line each; `writer/epoch/seq` names a batch. */
export interface TrailReport {
  /** Every line is as it was sealed, every batch follows the one before, no writer has two histories. */
  readonly integrity: TrailVerdict;
  /** No batch is missing between the first and the last, nor one that a checkpoint knows of. */
  readonly completeness: TrailVerdict;
  /** Every checkpoint is signed by a key that is believed. */
  readonly signer: TrailVerdict;
  /** Every checkpoint's root is that of the batches. */
  readonly anchors: TrailVerdict;
  /** Every release after an approval is that of its hold, once, by approvals on record. `unconfirmed`: a hold is in another trail. */
  readonly approvals: TrailVerdict;
  readonly faults: readonly string[];
  readonly counts: TrailCounts;
}

export interface TrailCounts {
  readonly recordCount: number;
  readonly batchCount: number;
  readonly checkpointCount: number;
  /** Lines that no seal covers: torn by a crash, or written by something else. No message was released on them. */
  readonly unsealedCount: number;
  /** Batches that no checkpoint covers: whoever holds the store may have rewritten these. */
  readonly unanchoredCount: number;
  /** Batches that were stored and not acknowledged: no message was released on them. */
  readonly unacknowledgedCount: number;
  /** Records without their payload. */
  readonly omittedCount: number;
}

/** Verifies a trail line by line, offline. It keeps a hash for each batch, and no record. */
export interface TrailVerifier {
  /** @param line - with its line feed. */
  line(line: string): void;
  /** @param checkpoint - as {@link readCheckpoint} gave it; `undefined` for something that can't be read. */
  checkpoint(checkpoint: SignedCheckpoint | undefined): void;
  finish(): TrailReport;
}

/** Longest batch that is looked for, in lines. */
const BATCH_LINES_MAX = 65_536;

/** How a trail is looked at. */
export interface TrailOptions {
  /** Whether each writer's beginning may be missing: dropped by age, or not fetched. `false` unless given. */
  readonly isPartial?: boolean;
}

/** @param keys - whose checkpoints are believed. */
export function createTrailVerifier(
  keys: readonly CheckpointKey[] = [],
  { isPartial = false }: TrailOptions = {},
): TrailVerifier {
  let pending: string[] = [];
  const batches: SealedBatch[] = [];
  const checkpoints: (SignedCheckpoint | undefined)[] = [];
  const approvals = createApprovalExaminer();
  let unsealedCount = 0;
  let recordCount = 0;
  let omittedCount = 0;

  function close(seal: BatchSeal): void {
    const own = pending.splice(Math.max(0, pending.length - seal.count));
    unsealedCount += pending.length;
    pending = [];
    for (const line of own) approvals.line(line);
    recordCount += own.length;
    omittedCount += own.filter((line) => line.includes(OMITTED)).length;
    const isIntact = own.length === seal.count && sealHash(seal, Buffer.from(own.join(""))) === seal.hash;
    batches.push({ seal, isIntact });
  }

  return {
    line: (line) => {
      const seal = readSeal(line);
      if (seal !== undefined) {
        close(seal);
        return;
      }
      if (line === "\n") return;
      pending.push(line);
      if (pending.length > BATCH_LINES_MAX) {
        pending.shift();
        unsealedCount++;
      }
    },
    checkpoint: (checkpoint) => void checkpoints.push(checkpoint),
    finish: () => {
      const chain = examineChain(batches, isPartial);
      const anchors = examineAnchors({ epochs: chain.epochs, isPartial }, checkpoints, keys);
      return report(
        { chain, anchors, approvals: approvals.finish() },
        {
          recordCount,
          batchCount: batches.length,
          checkpointCount: checkpoints.length,
          unsealedCount: unsealedCount + pending.length,
          omittedCount,
        },
      );
    },
  };
}

/** Only a record has it, and only as its own member: quotes inside texts are escaped. */
const OMITTED = ',"omitted":{"payload":"sha256:';

interface Parts {
  readonly chain: ChainReport;
  readonly anchors: AnchorReport;
  readonly approvals: ApprovalReport;
}

function report(
  { anchors, approvals, chain }: Parts,
  counts: Omit<TrailCounts, "unacknowledgedCount" | "unanchoredCount">,
): TrailReport {
  const verdict = (faults: readonly string[], hasAny: boolean): TrailVerdict => {
    if (faults.length > 0) return "fail";
    return hasAny ? "pass" : "unconfirmed";
  };
  const hasBatches = counts.batchCount > 0;
  const hasCheckpoints = counts.checkpointCount > 0;
  return {
    integrity: verdict(chain.integrity, hasBatches),
    completeness: verdict([...chain.completeness, ...anchors.completeness], hasBatches),
    signer: verdict(anchors.signer, hasCheckpoints && anchors.isSignerKnown),
    anchors: verdict(anchors.anchors, anchors.confirmedCount > 0),
    approvals: verdict(approvals.faults, approvals.unknownCount === 0),
    faults: [
      chain.integrity,
      chain.completeness,
      anchors.completeness,
      anchors.signer,
      anchors.anchors,
      approvals.faults,
    ].flat(),
    counts: { ...counts, unacknowledgedCount: chain.unacknowledgedCount, unanchoredCount: anchors.unanchoredCount },
  };
}
