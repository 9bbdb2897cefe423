import type { EvaluationFailure, Input } from "@cortexos/protocol";

/** What an entrypoint gave, still to be judged, or why it gave nothing. */
export type RawResult =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly code: EvaluationFailure; readonly reason: string };

/** One way of evaluating a bundle's entrypoint; every tier implements it. */
export interface Evaluator {
  /**
   * Evaluates the entrypoint. Never throws; the next evaluation is not affected by this one.
   *
   * @param canonicalText - `canonicalJson(input)` when the caller has it already, saving a second serialisation.
   */
  evaluate(input: Input, canonicalText?: string): RawResult;
}

/** Largest input, in bytes of its canonical JSON. */
export const INPUT_BYTES_MAX: number = 4 * 1024 * 1024;

/** Largest result of an entrypoint, in bytes of JSON. */
export const RESULT_BYTES_MAX: number = 1024 * 1024;
