import { createHash } from "node:crypto";

/** A Merkle tree as RFC 6962 has it, that only grows. It keeps one hash for each full subtree on its right edge, and no leaf. */
export interface MerkleTree {
  /** @param leafHash - 32 bytes: SHA-256 of a zero byte and the leaf. */
  add(leafHash: Uint8Array): void;
  size(): number;
  /** Root of what was added so far. */
  root(): Uint8Array;
}

/** Creates an empty tree. */
export function createMerkleTree(): MerkleTree {
  /** Roots of full subtrees, largest first; their sizes are the bits of `size`. */
  const edge: Uint8Array[] = [];
  let size = 0;
  return {
    add: (leafHash) => {
      let node = leafHash;
      for (let full = size; full % 2 === 1; full = (full - 1) / 2) node = join(edge.pop() ?? EMPTY_ROOT, node);
      edge.push(node);
      size++;
    },
    size: () => size,
    root: () => {
      const last = edge.at(-1);
      if (last === undefined) return EMPTY_ROOT;
      return edge.slice(0, -1).reduceRight((right, left) => join(left, right), last);
    },
  };
}

const EMPTY_ROOT: Uint8Array = createHash("sha256").digest();
const NODE = Buffer.from([1]);

function join(left: Uint8Array, right: Uint8Array): Uint8Array {
  return createHash("sha256").update(NODE).update(left).update(right).digest();
}
