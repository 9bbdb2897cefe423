// @ts-expect-error -- an alias in mutation.vitest.config.mjs
import fastCheck from "fast-check-itself";

/** Time for the runs of one property: the dear ones have fewer of them. */
const PROPERTY_MS_MAX = 1_000;
/** The same cases for every mutant: what kills one does so each time. */
const SEED = 1;

const few = (parameters) => ({
  ...parameters,
  seed: SEED,
  interruptAfterTimeLimit: PROPERTY_MS_MAX,
  // A failure is enough; nobody reads its smallest case.
  endOnFailure: true,
});

/** fast-check as the tests know it, with fewer runs: thousands of mutants ask them. */
// oxlint-disable-next-line import/no-default-export -- in place of one
export default { ...fastCheck, assert: (property, parameters) => fastCheck.assert(property, few(parameters)) };
