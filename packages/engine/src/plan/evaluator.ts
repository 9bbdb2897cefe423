import { BUILTINS } from "./builtins/registry.ts";
import { functionTree } from "./compile/function-table.ts";
import { generateProgram } from "./compile/generate.ts";
import { interpretProgram } from "./compile/interpret.ts";
import type { Linked, Program } from "./compile/program.ts";
import { parsePlan } from "./ir/parse-plan.ts";
import type { Plan } from "./ir/statement.ts";
import { PlanError } from "./plan-error.ts";
import { METER } from "./run/meter.ts";
import { beginRun, createRunState, guardBuiltin, type RunState } from "./run/state.ts";
import { createDecisionMemo } from "./reads/decision-memo.ts";
import { readsOfPlan } from "./reads/derive-reads.ts";
import { readerTree, type ReaderTree } from "./reads/reader-tree.ts";
import { fromJsRead, NotAValue } from "./values/from-js.ts";
import { keepSortedKeys } from "./values/object.ts";
import { toJs, type Json } from "./values/to-js.ts";
import type { Value } from "./values/value.ts";

/** Steps that an evaluation may take unless told otherwise: a step is a call, a round of a loop, or a built-in's unit of work. */
const EVALUATION_STEPS_MAX = 10_000_000;

/** How a plan is made to run. */
export interface PlanEvaluatorOptions {
  /** `compiled` generates JS; `interpreted` never does; `auto` (default) interprets where generating is forbidden. */
  readonly mode?: "auto" | "compiled" | "interpreted";
  /**
   * Results remembered for each entrypoint, by exactly what it reads of the input; 0 (default) for none. Errors aren't remembered, nor
   * is anything that depends on the clock or is impure.
   */
  readonly memoEntriesMax?: number;
}

/** What holds for one evaluation. */
export interface EvaluateOptions {
  /** The clock, in nanoseconds since 1970. Without it, a policy that asks for the time gets an error of that built-in. */
  readonly nowNs?: bigint;
  /** Whether a built-in's error fails the evaluation instead of being undefined. Default false. */
  readonly strictBuiltinErrors?: boolean;
  /** Default {@link EVALUATION_STEPS_MAX}. */
  readonly stepsMax?: number;
  /** The input is a Rego value as it stands, so nobody looks it through. Default false. */
  readonly isPrepared?: boolean;
}

/** An OPA plan, ready to be asked. */
export interface PlanEvaluator {
  /** Names of the plan's entrypoints, such as `example/allow`. */
  readonly entrypoints: readonly string[];
  /** How the plan runs. */
  readonly mode: "compiled" | "interpreted";
  /**
   * Evaluates an entrypoint; `input` is any JSON value, and undefined for none. The result set is OPA's, `[{ result: … }]` for plans
   * of `opa build`, empty when undefined, as new JSON values.
   *
   * @throws PlanError `evaluation.*`, `plan.entrypoint`
   */
  evaluate(entrypoint: string, input: unknown, options?: EvaluateOptions): Json[];
  /** The same with Rego's values in and out, nothing copied or checked: for callers whose input comes from {@link fromJs} or a strict parser. */
  evaluateValues(entrypoint: string, input: Value | undefined, options?: EvaluateOptions): readonly Value[];
}

/**
 * Makes an evaluator of the contents of `plan.json` and a data document.
 *
 * @throws PlanError `plan.invalid`; `plan.builtin` names the built-in that is missing
 */
export function createPlanEvaluator(
  plan: unknown,
  data: unknown = {},
  options: PlanEvaluatorOptions = {},
): PlanEvaluator {
  const parsed = parsePlan(plan);
  const state = createRunState();
  const document = valueOf(data);
  keepSortedKeys(document);
  const linked = link(parsed, state, document);
  const { program, mode } = build(linked, options.mode ?? "auto");
  const fallback = lazy(() => interpretProgram(linked));
  const entries = new Map(parsed.plans.map(({ name }, index) => [name, index]));

  const readsOf = remember((entrypoint) => readsOfPlan(parsed, entrypoint));
  const treeOf = remember((entrypoint) => readerTree(readsOf(entrypoint).pointers));
  const entriesMax = options.memoEntriesMax ?? 0;
  const memoOf = remember((entrypoint) => {
    const { pointers, usesClock, isImpure } = readsOf(entrypoint);
    return entriesMax === 0 || usesClock || isImpure ? undefined : createDecisionMemo(pointers, entriesMax);
  });

  const decide = (entrypoint: string, input: Value | undefined, settings: EvaluateOptions): readonly Value[] => {
    const entry = entries.get(entrypoint);
    if (entry === undefined) throw new PlanError("plan.entrypoint", `no such entrypoint: ${entrypoint}`);
    // What is remembered can't tell whether a built-in failed on the way.
    const memo = entriesMax === 0 || settings.strictBuiltinErrors === true ? undefined : memoOf(entrypoint);
    const remembered = input === undefined ? undefined : memo?.get(input);
    if (remembered !== undefined) return remembered;
    beginRun(state, settings.stepsMax ?? EVALUATION_STEPS_MAX, settings.nowNs);
    // Generated code reads properties of plain objects; on polluted prototypes, the interpreter decides, which looks at own ones.
    const chosen = isPolluted() ? fallback() : program;
    const results = chosen.run(entry, input);
    if (settings.strictBuiltinErrors === true && state.failure !== undefined) failStrictly(state.failure);
    if (input !== undefined) memo?.set(input, results);
    return results;
  };

  return {
    entrypoints: parsed.plans.map(({ name }) => name),
    mode,
    evaluate: (entrypoint, input, settings = {}) => {
      const isReady = settings.isPrepared === true || input === undefined;
      const value = isReady ? asValue(input) : valueOf(input, treeOf(entrypoint));
      // Values may share parts that a copy repeats, so that copying too is metered.
      return metered(() => decide(entrypoint, value, settings).map(toJs));
    },
    evaluateValues: (entrypoint, input, settings = {}) => metered(() => decide(entrypoint, input, settings)),
  };
}

/** Makes what belongs to an entrypoint when it is first asked for. */
function remember<T>(make: (entrypoint: string) => T): (entrypoint: string) => T {
  const made = new Map<string, { readonly value: T }>();
  return (entrypoint) => {
    const known = made.get(entrypoint) ?? { value: make(entrypoint) };
    made.set(entrypoint, known);
    return known.value;
  };
}

const PLAIN_OBJECT = {};
const PLAIN_ARRAY: object = [];

function isPolluted(): boolean {
  for (const _ in PLAIN_OBJECT) return true;
  for (const _ in PLAIN_ARRAY) return true;
  return false;
}

function lazy<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

function link(plan: Plan, state: RunState, data: Value): Linked {
  const defined = new Set(plan.functions.map(({ name }) => name));
  const builtins: Linked["builtins"] = new Map(
    plan.builtins
      .filter(({ name }) => !defined.has(name))
      .map(({ name, arity }) => {
        const builtin = BUILTINS.get(name);
        if (builtin === undefined) throw new PlanError("plan.builtin", `built-in isn't available: ${name}`);
        return [name, guardBuiltin({ name, arity, builtin }, state)];
      }),
  );
  return { plan, state, builtins, tree: functionTree(plan.functions), data };
}

function build(
  linked: Linked,
  mode: "auto" | "compiled" | "interpreted",
): Pick<PlanEvaluator, "mode"> & { readonly program: Program } {
  if (mode !== "interpreted") {
    try {
      return { program: generateProgram(linked), mode: "compiled" };
    } catch (reason) {
      if (mode === "compiled" || !(reason instanceof EvalError)) throw reason;
    }
  }
  return { program: interpretProgram(linked), mode: "interpreted" };
}

function valueOf(value: unknown, reads: ReaderTree = EVERYTHING): Value {
  try {
    return fromJsRead(value, reads);
  } catch (reason) {
    if (!(reason instanceof NotAValue)) throw reason;
    throw new PlanError("evaluation.input", reason.message, { cause: reason });
  }
}

const EVERYTHING: ReaderTree = { isLeaf: true, children: [] };

/** Runs an evaluation; values nested deeper than the stack end it as a failure like any other. */
function metered<T>(run: () => T): T {
  try {
    return run();
  } catch (reason) {
    if (!(reason instanceof RangeError)) throw reason;
    throw new PlanError("evaluation.depth", "values nest too deep", { cause: reason });
  } finally {
    METER.stepsLeft = Infinity;
  }
}

function asValue(input: unknown): Value | undefined {
  return input as Value | undefined; // oxlint-disable-line typescript/consistent-type-assertions -- the caller answers for it
}

function failStrictly({ builtin, cause }: NonNullable<RunState["failure"]>): never {
  const code = cause.isTypeError ? "evaluation.type" : "evaluation.builtin";
  throw new PlanError(code, `${builtin}: ${cause.message}`, { cause });
}
