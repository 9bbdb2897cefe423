import { equal } from "../values/compare.ts";
import { copyValue } from "../values/copy.ts";
import type { Value } from "../values/value.ts";
import type { Pointer } from "./access-path.ts";
import { leafReader, type Leaf } from "./leaf-reader.ts";
import { readerTree } from "./reader-tree.ts";

/** Results by what was read of the input. */
export interface DecisionMemo {
  /** The result for an input that agrees with this one on every pointer; undefined when there is none. */
  get(input: Value): readonly Value[] | undefined;
  set(input: Value, results: readonly Value[]): void;
  readonly size: number;
}

interface Entry {
  /** What the pointers led to, in their order. Compared as a whole: no digest can be made to collide. */
  readonly leaves: readonly Leaf[];
  readonly results: readonly Value[];
}

/** Entries that share their texts; the oldest goes first. */
const BUCKET_ENTRIES_MAX = 8;

/**
 * A memo over the places that an entrypoint reads. Forgets everything when it is full: what is remembered comes from outside.
 *
 * @param entriesMax - entries kept, at least 1.
 */
export function createDecisionMemo(pointers: readonly Pointer[], entriesMax: number): DecisionMemo {
  const read = leafReader(readerTree(pointers));
  const buckets = new Map<string, Entry[]>();
  let size = 0;
  return {
    get size() {
      return size;
    },
    get: (input) => {
      const leaves = read(input);
      const bucket = buckets.get(bucketKey(leaves));
      if (bucket === undefined) return undefined;
      for (const entry of bucket) if (agree(entry.leaves, leaves)) return entry.results;
      return undefined;
    },
    set: (input, results) => {
      if (size >= entriesMax) {
        buckets.clear();
        size = 0;
      }
      const leaves = read(input);
      const key = bucketKey(leaves);
      const bucket = buckets.get(key) ?? [];
      buckets.set(key, bucket);
      if (bucket.length >= BUCKET_ENTRIES_MAX) bucket.shift();
      else size += 1;
      // Copies: the caller may go on to change what it has passed.
      const copies = leaves.map((leaf) => (leaf === undefined ? undefined : copyValue(leaf)));
      bucket.push({ leaves: copies, results: results.map(copyValue) });
    },
  };
}

/** Texts tell inputs apart best, and the longest ones hold subjects and names. */
function bucketKey(leaves: readonly Leaf[]): string {
  let longest = "";
  for (const leaf of leaves) if (typeof leaf === "string" && leaf.length > longest.length) longest = leaf;
  return longest;
}

function agree(a: readonly Leaf[], b: readonly Leaf[]): boolean {
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i] && !equal(a[i], b[i])) return false;
  return true;
}
