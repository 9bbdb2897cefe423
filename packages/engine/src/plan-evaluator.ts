import type { JsonValue } from "@cortexos/protocol";
import { BUNDLE_PATHS } from "./bundle.ts";
import { EngineError, messageOf, type EngineErrorCode } from "./errors.ts";
import { FAILURES, readResultSet, type Evaluator, type RawResult } from "./evaluator.ts";
import { REFUSED_BUILTINS } from "./host-builtins.ts";
import { createPlanEvaluator, type PlanEvaluator } from "./plan/evaluator.ts";
import { parsePlan } from "./plan/ir/parse-plan.ts";
import { PlanError, type PlanErrorCode } from "./plan/plan-error.ts";
import { readsOfPlan } from "./plan/reads/derive-reads.ts";
import { parseJson } from "./plan/values/json-parse.ts";

/** Tier C of a bundle, and what its plan shows. */
export interface PlanTier {
  readonly evaluator: Evaluator;
  /** RFC 6901 pointers of the parts of the input that can influence a decision. */
  readonly reads: readonly string[];
}

/** What tier C is made of. */
export interface PlanSource {
  /** `plan.json`. */
  readonly plan: Uint8Array;
  /** `data.json`, strict JSON. */
  readonly data: Uint8Array;
  readonly entrypoint: string;
}

/**
 * Tier C: compiles `plan.json` to JavaScript.
 *
 * @throws EngineError `bundle.content` when the plan isn't one, `bundle.builtin`, `bundle.entrypoint`.
 */
export function openPlan({ plan, data, entrypoint }: PlanSource): PlanTier {
  try {
    const document: unknown = JSON.parse(textOf(plan));
    const parsed = parsePlan(document);
    const refused = parsed.builtins.filter(({ name }) => REFUSED_BUILTINS.has(name)).map(({ name }) => name);
    if (refused.length > 0)
      throw new EngineError("bundle.builtin", `the policy needs what is refused: ${refused.join(", ")}`);
    const reads = readsOfPlan(parsed, entrypoint);
    const evaluator = createPlanEvaluator(document, parseJson(textOf(data)));
    return {
      evaluator: { tier: "plan", evaluate: ({ value }) => evaluate(evaluator, entrypoint, value) },
      reads: reads.usesClock || reads.isImpure ? EVERYTHING : reads.pointers,
    };
  } catch (reason) {
    throw loadError(reason);
  }
}

const EVERYTHING: readonly string[] = [""];

/** JSON's own types are Rego values as they stand, and prepared inputs hold nothing else. */
const PREPARED = { isPrepared: true } as const;

function evaluate(evaluator: PlanEvaluator, entrypoint: string, input: JsonValue): RawResult {
  try {
    return readResultSet(evaluator.evaluate(entrypoint, input, PREPARED));
  } catch (reason) {
    if (!(reason instanceof PlanError)) return FAILURES.broken;
    if (reason.code === "evaluation.conflict") return FAILURES.conflict;
    return reason.code === "evaluation.budget" ? FAILURES.budget : FAILURES.broken;
  }
}

function loadError(reason: unknown): EngineError {
  if (reason instanceof EngineError) return reason;
  const code = reason instanceof PlanError ? LOAD_CODES.get(reason.code) : undefined;
  return new EngineError(code ?? "bundle.content", `${BUNDLE_PATHS.plan}: ${messageOf(reason)}`, { cause: reason });
}

const LOAD_CODES: ReadonlyMap<PlanErrorCode, EngineErrorCode> = new Map([
  ["plan.builtin", "bundle.builtin"],
  ["plan.entrypoint", "bundle.entrypoint"],
] as const);

function textOf(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}
