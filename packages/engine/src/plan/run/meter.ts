import { PlanError } from "../plan-error.ts";

/**
 * What the running evaluation may still spend; without end outside of one. One for all evaluators, because evaluations never overlap,
 * and reachable from everywhere, because whatever walks over values or makes long texts can be made to run away.
 */
export const METER: { stepsLeft: number } = { stepsLeft: Infinity };

/** Pays for work; a step is what a call, a round of a loop or a look at a composite costs. */
export function spend(steps: number): void {
  METER.stepsLeft -= steps;
  if (METER.stepsLeft < 0) overBudget();
}

/** Pays for as many characters being made or looked through. */
export function spendCharacters(count: number): void {
  spend(count / CHARACTERS_A_STEP);
}

/** With the default budget of ten million steps, an evaluation makes at most 80 MB of text. */
const CHARACTERS_A_STEP = 8;

export function overBudget(): never {
  throw new PlanError("evaluation.budget", "evaluation used up its budget of steps");
}
