import { randomCuts, randomStream } from "./client-streams.ts";
import { compareStream, type FuzzCase } from "./compare-stream.ts";
import type { Deciding, FuzzRig } from "./fuzz-rig.ts";
import { createRandom } from "./random.ts";
import { shrinkCase, type Shrunk } from "./shrink-case.ts";

const DECIDING: readonly [Deciding, ...Deciding[]] = ["standing", "standing", "each", "late"];

export interface FuzzOptions {
  readonly seed: number;
  /** Streams at most. */
  readonly countMax: number;
  readonly timeMsMax: number;
  /** Told now and then. */
  readonly progress?: (report: FuzzReport) => void;
}

export interface FuzzReport {
  readonly streamCount: number;
  /** How often the gate was stricter, by the violation's code. */
  readonly strictness: ReadonlyMap<string, number>;
  /** Violations at which the server itself closed with an error. */
  readonly serverAsStrictCount: number;
  readonly counterexample?: Counterexample;
}

export interface Counterexample {
  /** Number of the stream under its seed. */
  readonly index: number;
  readonly case: FuzzCase;
  readonly differences: readonly string[];
  /** A smaller case that differs as well; `undefined` when the case didn't differ a second time. */
  readonly shrunk: Shrunk | undefined;
}

/** Compares random streams until the first difference or the end of count or time. The same seed gives the same streams. */
export async function fuzz(rig: FuzzRig, options: FuzzOptions): Promise<FuzzReport> {
  const { seed, countMax, timeMsMax, progress } = options;
  const endMs = performance.now() + timeMsMax;
  const strictness = new Map<string, number>();
  let serverAsStrictCount = 0;
  for (let index = 0; index < countMax; index++) {
    if (performance.now() > endMs) return { streamCount: index, strictness, serverAsStrictCount };
    const fuzzCase = caseOf(seed, index);
    const found = await compareOrFail(rig, fuzzCase);
    for (const code of found.strictness) strictness.set(code, (strictness.get(code) ?? 0) + 1);
    if (found.isServerAsStrict) serverAsStrictCount++;
    const report = { streamCount: index + 1, strictness, serverAsStrictCount };
    if (found.differences.length > 0) {
      const { differences } = found;
      const shrunk = await shrinkCase(fuzzCase, async (smaller) => (await compareOrFail(rig, smaller)).differences);
      return { ...report, counterexample: { index, case: fuzzCase, differences, shrunk } };
    }
    if (index % 500 === 499) progress?.(report);
  }
  return { streamCount: countMax, strictness, serverAsStrictCount };
}

/** A stream by itself, so that number 10,000 needs none of those before it. */
export function caseOf(seed: number, index: number): FuzzCase {
  const random = createRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
  const text = randomStream(random);
  return { deciding: random.pick(DECIDING), text, cuts: randomCuts(random, text.length) };
}

/** A wait that isn't answered is a difference as well. */
async function compareOrFail(rig: FuzzRig, fuzzCase: FuzzCase): ReturnType<typeof compareStream> {
  try {
    return await compareStream(rig, fuzzCase);
  } catch (reason) {
    const difference = reason instanceof Error ? reason.message : String(reason);
    // What is left of it mustn't be taken for the next one's.
    for (const side of [rig.direct, rig.guarded[fuzzCase.deciding]]) {
      await side.tap.takeDelivered();
      side.takeViolations();
    }
    return { differences: [difference], strictness: [], isServerAsStrict: false };
  }
}
