import { createMerkleTree, type BatchSeal, type CheckpointSigner, type MerkleTree } from "@cortexos/audit";

/** Longest time after which a batch is covered by a checkpoint. */
export const CHECKPOINT_MS_MAX = 10_000;

/** Batches after which a checkpoint is written at once. */
export const CHECKPOINT_BATCH_COUNT_MAX = 4_096;

/** Where checkpoints go: anywhere but to where the records are. */
export interface CheckpointPlace {
  /** Resolves when the note is durable. */
  write(note: string): Promise<void>;
  close(): Promise<void>;
}

/** What checkpoints are made of. */
export interface CheckpointOptions {
  readonly signer: CheckpointSigner;
  readonly place: CheckpointPlace;
  /** Nanoseconds since 1970. */
  readonly nowNs: () => bigint;
  /** {@link CHECKPOINT_MS_MAX} unless given. */
  readonly msMax?: number;
  /** {@link CHECKPOINT_BATCH_COUNT_MAX} unless given. */
  readonly batchCountMax?: number;
  /** Told when one couldn't be written; it is tried again with the next. Must not throw. */
  readonly onFault?: (cause: unknown) => void;
}

/** Writes signed checkpoints of a chain beside it. */
export interface CheckpointKeeper {
  /** A batch was stored. Give it to a sink as `sealed`. */
  readonly sealed: (seal: BatchSeal) => void;
  /** Batches that no checkpoint covers yet. */
  uncoveredCount(): number;
  /** Writes the last one. Rejects when it can't be written. */
  close(): Promise<void>;
}

/**
 * Creates a keeper of the checkpoints of one chain. Nothing waits for a checkpoint: what is released needs its record, and the checkpoint shows later
 * that the record was there by then. One write at a time.
 */
export function createCheckpointKeeper(options: CheckpointOptions): CheckpointKeeper {
  const { batchCountMax = CHECKPOINT_BATCH_COUNT_MAX, msMax = CHECKPOINT_MS_MAX, nowNs, place, signer } = options;
  let tree: MerkleTree = createMerkleTree();
  let last: BatchSeal | undefined;
  let coveredCount = 0;
  let writing: Promise<void> | undefined;
  const timer = setInterval(attempt, msMax);
  timer.unref();

  function uncovered(): number {
    return tree.size() - coveredCount;
  }

  async function write(): Promise<void> {
    if (last === undefined || uncovered() === 0) return;
    const size = tree.size();
    const of = tree;
    const { epoch, writer } = last;
    await place.write(signer.sign({ writer, epoch, size, root: tree.root(), atNs: nowNs().toString() }));
    if (of === tree) coveredCount = size;
  }

  function attempt(): void {
    if (writing !== undefined) return;
    writing = write()
      .catch((cause: unknown) => options.onFault?.(cause))
      .finally(() => (writing = undefined));
  }

  return {
    sealed: (seal) => {
      if (last?.epoch !== seal.epoch) {
        tree = createMerkleTree();
        coveredCount = 0;
      }
      last = seal;
      tree.add(Buffer.from(seal.hash.slice(DIGEST_START.length), "hex"));
      if (uncovered() >= batchCountMax) attempt();
    },
    uncoveredCount: uncovered,
    close: async () => {
      clearInterval(timer);
      await writing;
      try {
        await write();
      } finally {
        await place.close();
      }
    },
  };
}

const DIGEST_START = "sha256:";
