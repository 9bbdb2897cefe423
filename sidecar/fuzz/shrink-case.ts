import type { FuzzCase } from "./compare-stream.ts";

const TRIES_MAX = 200;
const SHRINK_MS_MAX = 30_000;

/** A case that differs. */
export interface Shrunk {
  readonly case: FuzzCase;
  readonly differences: readonly string[];
}

/**
 * Leaves out lines, then bytes, then cuts, as long as there is still a difference.
 *
 * @returns `undefined` when the case doesn't fail a second time.
 */
export async function shrinkCase(
  fuzzCase: FuzzCase,
  compare: (smaller: FuzzCase) => Promise<readonly string[]>,
): Promise<Shrunk | undefined> {
  let triesLeft = TRIES_MAX;
  const endMs = performance.now() + SHRINK_MS_MAX;
  let smallest: Shrunk = { case: fuzzCase, differences: await compare(fuzzCase) };
  if (smallest.differences.length === 0) return undefined;
  const attempt = async (smaller: FuzzCase): Promise<boolean> => {
    if (performance.now() > endMs) triesLeft = 0;
    if (triesLeft-- <= 0) return false;
    const differences = await compare(smaller);
    if (differences.length > 0) smallest = { case: smaller, differences };
    return differences.length > 0;
  };
  await attempt({ ...fuzzCase, cuts: [] });
  for (let length = fuzzCase.text.length >> 1; length > 0 && triesLeft > 0; length >>= 1) {
    for (let at = 0; at < smallest.case.text.length && triesLeft > 0;) {
      const { case: whole } = smallest;
      const text = whole.text.slice(0, at) + whole.text.slice(at + length);
      const cuts = [...new Set(whole.cuts.map((cut) => (cut <= at ? cut : Math.max(at, cut - length))))];
      const smaller = { ...whole, text, cuts: cuts.filter((cut) => cut > 0 && cut < text.length) };
      if (!(await attempt(smaller))) at += length;
    }
  }
  return smallest;
}
