import type { BatchSeal } from "./batch-seal.ts";

/** A batch as it was found. */
export interface SealedBatch {
  readonly seal: BatchSeal;
  /** Its lines give the seal's hash. */
  readonly isIntact: boolean;
}

/** The batches of one epoch of one writer, in order, without gap. */
export interface EpochBatches {
  readonly writer: string;
  readonly epoch: number;
  readonly seals: readonly BatchSeal[];
}

export interface ChainReport {
  readonly integrity: readonly string[];
  readonly completeness: readonly string[];
  readonly epochs: readonly EpochBatches[];
  readonly unacknowledgedCount: number;
}

/**
 * Looks at every batch alone, then at what holds them together.
 *
 * @param isPartial - whether each writer's beginning may be missing.
 */
export function examineChain(batches: readonly SealedBatch[], isPartial = false): ChainReport {
  const integrity: string[] = [];
  const completeness: string[] = [];
  for (const { isIntact, seal } of batches)
    if (!isIntact) integrity.push(`${nameOf(seal)}: its lines are not those that were sealed`);
  const epochs = sortEpochs(batches, integrity);
  let unacknowledgedCount = 0;
  let before: readonly BatchSeal[] = [];
  for (const epoch of epochs) {
    const isFirst = before.at(-1)?.writer !== epoch.writer;
    if (isFirst) before = [];
    const mayBeginLate = isFirst && isPartial;
    checkEpoch(epoch, { completeness, integrity, mayBeginLate });
    if (!mayBeginLate) unacknowledgedCount += checkJoint(before, epoch, completeness);
    before = [...before, ...epoch.seals];
  }
  return { integrity, completeness, epochs, unacknowledgedCount };
}

function nameOf({ epoch, seq, writer }: BatchSeal): string {
  return `${writer}/${epoch}/${seq}`;
}

/** By writer, then epoch, then number; the same batch twice counts once, two different ones with the same number are a fork. */
function sortEpochs(batches: readonly SealedBatch[], integrity: string[]): readonly EpochBatches[] {
  const epochs = new Map<string, { writer: string; epoch: number; bySeq: Map<number, BatchSeal> }>();
  for (const { seal } of batches) {
    const key = JSON.stringify([seal.writer, seal.epoch]);
    const found = epochs.get(key) ?? { writer: seal.writer, epoch: seal.epoch, bySeq: new Map<number, BatchSeal>() };
    epochs.set(key, found);
    const other = found.bySeq.get(seal.seq);
    if (other === undefined) found.bySeq.set(seal.seq, seal);
    else if (other.hash !== seal.hash) integrity.push(`${nameOf(seal)}: two batches with one number: a second history`);
  }
  return [...epochs.values()]
    .map(({ bySeq, epoch, writer }) => ({
      writer,
      epoch,
      seals: [...bySeq.values()].sort((a, b) => a.seq - b.seq),
    }))
    .sort((a, b) => (a.writer === b.writer ? a.epoch - b.epoch : a.writer < b.writer ? -1 : 1));
}

interface EpochFindings {
  readonly completeness: string[];
  readonly integrity: string[];
  readonly mayBeginLate: boolean;
}

function checkEpoch({ seals }: EpochBatches, { completeness, integrity, mayBeginLate }: EpochFindings): void {
  let before: BatchSeal | undefined;
  for (const seal of seals) {
    const first = mayBeginLate ? seal.seq : 0;
    const wanted = before === undefined ? first : before.seq + 1;
    if (seal.seq !== wanted) completeness.push(`${nameOf(seal)}: ${seal.seq - wanted} batches before it are missing`);
    else if (before !== undefined && seal.prev !== before.hash)
      integrity.push(`${nameOf(seal)}: doesn't follow the batch before it`);
    before = seal;
  }
}

/**
 * An epoch follows a batch of those before: the last, or an earlier one when those after it were never acknowledged to their writer.
 *
 * @returns how many of those there are.
 */
function checkJoint(before: readonly BatchSeal[], { seals }: EpochBatches, completeness: string[]): number {
  const [first] = seals;
  if (first?.seq !== 0) return 0;
  const at = first.prev === "" ? -1 : before.findLastIndex(({ hash }) => hash === first.prev);
  if (at === -1 && first.prev !== "") completeness.push(`${nameOf(first)}: the batch that it follows is missing`);
  return first.prev !== "" && at === -1 ? 0 : before.length - 1 - at;
}
