import type { CheckpointKey, SignedCheckpoint } from "./checkpoint.ts";
import type { EpochBatches } from "./examine-chain.ts";
import { createMerkleTree } from "./merkle-tree.ts";

export interface AnchorReport {
  readonly completeness: readonly string[];
  readonly signer: readonly string[];
  readonly anchors: readonly string[];
  /** Checkpoints that say what is there, whoever signed them. */
  readonly confirmedCount: number;
  readonly unanchoredCount: number;
  /** There are keys to check against. */
  readonly isSignerKnown: boolean;
}

/** What checkpoints are compared with. */
export interface AnchoredTrail {
  readonly epochs: readonly EpochBatches[];
  /** Each writer's beginning may be missing. */
  readonly isPartial: boolean;
}

/** Compares checkpoints with what is there. A checkpoint that nobody believed has signed anchors nothing. */
export function examineAnchors(
  { epochs, isPartial }: AnchoredTrail,
  checkpoints: readonly (SignedCheckpoint | undefined)[],
  keys: readonly CheckpointKey[],
): AnchorReport {
  const signer: string[] = [];
  const anchors: string[] = [];
  const completeness: string[] = [];
  const believed = checkpoints.filter((checkpoint): checkpoint is SignedCheckpoint => {
    if (checkpoint === undefined) signer.push("a checkpoint can't be read");
    else if (keys.length > 0 && !keys.some((key) => key.hasSigned(checkpoint)))
      signer.push(`${nameOf(checkpoint)}: signed by nobody who is believed`);
    else return true;
    return false;
  });
  let confirmedCount = 0;
  let unanchoredCount = 0;
  for (const epoch of epochs) {
    const own = believed.filter(({ epoch: number, writer }) => writer === epoch.writer && number === epoch.epoch);
    const { confirmed, highest } = compareRoots(epoch, own, anchors);
    confirmedCount += confirmed;
    unanchoredCount += epoch.seals.filter(({ seq }) => seq >= highest).length;
  }
  for (const checkpoint of believed) {
    const found = epochs.find(({ epoch, writer }) => writer === checkpoint.writer && epoch === checkpoint.epoch);
    const last = found?.seals.at(-1)?.seq ?? -1;
    if (isPartial && isBefore(checkpoint, epochs)) continue;
    if (last + 1 < checkpoint.size)
      completeness.push(`${nameOf(checkpoint)}: the trail has ${last + 1} of its batches`);
  }
  return { completeness, signer, anchors, confirmedCount, unanchoredCount, isSignerKnown: keys.length > 0 };
}

/** Whether what a checkpoint covers is older than all that is there of its writer. */
function isBefore(checkpoint: SignedCheckpoint, epochs: readonly EpochBatches[]): boolean {
  return epochs.some(({ epoch, writer }) => writer === checkpoint.writer && epoch > checkpoint.epoch);
}

function nameOf({ epoch, size, writer }: SignedCheckpoint): string {
  return `checkpoint of ${writer}/${epoch} over ${size} batches`;
}

function compareRoots(
  { seals }: EpochBatches,
  checkpoints: readonly SignedCheckpoint[],
  anchors: string[],
): { readonly confirmed: number; readonly highest: number } {
  const tree = createMerkleTree();
  let confirmed = 0;
  let highest = 0;
  for (const { hash, seq } of seals) {
    // Behind a gap there is no tree.
    if (seq !== tree.size()) break;
    tree.add(Buffer.from(hash.slice("sha256:".length), "hex"));
    for (const checkpoint of checkpoints.filter(({ size }) => size === tree.size())) {
      if (Buffer.compare(tree.root(), checkpoint.root) === 0) {
        confirmed++;
        highest = tree.size();
      } else anchors.push(`${nameOf(checkpoint)}: another root`);
    }
  }
  return { confirmed, highest };
}
