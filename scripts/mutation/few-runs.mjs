// @ts-expect-error -- an alias in mutation.vitest.config.mjs
import fastCheck from "fast-check-itself";

/** A property is asked so many times at least, or a part of what it asks for. By number and not by time: a busy machine would find less. */
const RUNS_MIN = 100;
const RUNS_PART = 4;
/** The same cases for every mutant: what kills one does so each time. */
const SEED = 1;

const few = (parameters) => ({
  ...parameters,
  seed: SEED,
  numRuns: Math.max(RUNS_MIN, Math.ceil((parameters?.numRuns ?? RUNS_MIN) / RUNS_PART)),
  // A failure is enough; nobody reads its smallest case.
  endOnFailure: true,
});

/** fast-check as the tests know it, with fewer runs: thousands of mutants ask them. */
// oxlint-disable-next-line import/no-default-export -- in place of one
export default { ...fastCheck, assert: (property, parameters) => fastCheck.assert(property, few(parameters)) };
