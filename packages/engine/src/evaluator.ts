import type { EvaluationFailure } from "@cortexos/protocol";
import type { PreparedInput } from "./prepared-input.ts";

/** What an entrypoint gave, still to be judged, or why it gave nothing. */
export type RawResult =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly code: EvaluationFailure; readonly reason: string };

/** The two ways of evaluating a bundle: `plan.json` compiled to JavaScript, and `policy.wasm`. */
export type Tier = "plan" | "wasm";

/** One way of evaluating a bundle's entrypoint. What it gives doesn't depend on which one it is. */
export interface Evaluator {
  readonly tier: Tier;
  /** Evaluates the entrypoint. Never throws; the next evaluation is not affected by this one. */
  evaluate(input: PreparedInput): RawResult;
}

/** Largest input, in bytes of its canonical JSON. */
export const INPUT_BYTES_MAX: number = 4 * 1024 * 1024;

/** Deepest nesting of an input: a payload's, and what lies around it. */
export const INPUT_DEPTH_MAX = 96;

/** The reasons of failures are part of decisions, so every tier has the same words for the same failure. */
export const FAILURES = {
  undefined: { ok: false, code: "evaluation.undefined", reason: "the entrypoint is undefined" },
  conflict: { ok: false, code: "evaluation.error", reason: "conflict: a rule gives two values" },
  budget: { ok: false, code: "evaluation.budget", reason: "the evaluation takes too many steps" },
  broken: { ok: false, code: "evaluation.error", reason: "the evaluation failed" },
} as const;

/** Judges OPA's result set: one result, or none when the entrypoint is undefined. */
export function readResultSet(results: unknown): RawResult {
  if (!Array.isArray(results) || results.length > 1) return FAILURES.broken;
  const [first]: readonly unknown[] = results;
  if (first === undefined) return FAILURES.undefined;
  if (typeof first !== "object" || first === null || !("result" in first)) return FAILURES.broken;
  return { ok: true, result: first.result };
}
