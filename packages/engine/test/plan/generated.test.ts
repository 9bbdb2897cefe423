import fc from "fast-check";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createPlanEvaluator, type PlanEvaluator } from "../../src/plan/evaluator.ts";
import { PlanError } from "../../src/plan/plan-error.ts";
import { projectInput } from "../../src/plan/reads/access-path.ts";
import { deriveReads } from "../../src/plan/reads/derive-reads.ts";
import { fromJs } from "../../src/plan/values/from-js.ts";
import { parseJson } from "../../src/plan/values/json-parse.ts";
import { jsonText } from "../../src/plan/values/json-text.ts";
import { lookup } from "../../src/plan/values/lookup.ts";
import { toJsonValue } from "../../src/plan/values/to-js.ts";
import { inFolder, OPA, writeFiles } from "../opa.ts";
import { planOf } from "./native.ts";
import { DATA, inputs, policies } from "./rego-generator.ts";

const INPUTS_COUNT = 6;
const RULES = ["p0", "q", "r", "e", "c", "all_of", "objects", "s", "g"];

/** How long to go on; a few policies unless told otherwise. */
const seconds = Number(process.env["FUZZ_SECONDS"] ?? 0);

interface Sample {
  readonly plan: unknown;
  readonly defined: readonly string[];
  readonly answers: readonly string[];
}

/** A policy's plan and what OPA gives for each rule and input; undefined when OPA refuses the policy. */
function sample(policy: string, samples: readonly unknown[]): Sample | undefined {
  const defined = RULES.filter((name) => new RegExp(`^(default )?${name}\\b`, "m").test(policy));
  return inFolder((folder) => {
    const files = samples.map((input, index) => [`i${index}.json`, JSON.stringify(input)] as const);
    writeFiles(folder, { "t.rego": policy, "data.json": JSON.stringify(DATA), ...Object.fromEntries(files) });
    const run = (...args: readonly string[]): string | undefined => {
      const { status, stdout } = spawnSync(OPA, args, { cwd: folder, encoding: "utf8" });
      return status === 0 ? stdout : undefined;
    };
    const entrypoints = defined.flatMap((name) => ["-e", `t/${name}`]);
    if (run("build", "-t", "plan", "-o", "b.tgz", ...entrypoints, "t.rego", "data.json") === undefined)
      return undefined;
    const answers = files.flatMap(([file]) =>
      defined.map((name) => {
        const printed = run("eval", "-f", "json", "-d", "t.rego", "-d", "data.json", "-i", file, `data.t.${name}`);
        return printed === undefined ? "error" : resultOf(printed);
      }),
    );
    return { plan: planOf(readFileSync(join(folder, "b.tgz"))), defined, answers };
  });
}

function resultOf(printed: string): string {
  const result = ["result", 0, "expressions", 0, "value"].reduce(lookup, lookup(parseJson(`[${printed}]`), 0));
  return result === undefined ? "undefined" : jsonText(result);
}

function ask(evaluator: PlanEvaluator, rule: string, input: ReturnType<typeof fromJs>): string {
  try {
    const [result] = evaluator.evaluateValues(`t/${rule}`, input);
    const value = lookup(result, "result");
    return value === undefined ? "undefined" : jsonText(toJsonValue(value));
  } catch (reason) {
    if (reason instanceof PlanError && reason.code === "evaluation.conflict") return "error";
    throw reason;
  }
}

function check(policy: string, samples: readonly unknown[]): void {
  const found = sample(policy, samples);
  if (found === undefined) return;
  const { plan, defined, answers } = found;
  const evaluators = (["compiled", "interpreted"] as const).map((mode) => createPlanEvaluator(plan, DATA, { mode }));
  for (const [position, answer] of answers.entries()) {
    const rule = defined[position % defined.length] ?? "";
    const input = fromJs(samples[Math.floor(position / defined.length)]);
    const projected = projectInput(input, deriveReads(plan, `t/${rule}`).pointers);
    for (const evaluator of evaluators) {
      const where = `${evaluator.mode} t/${rule} ${jsonText(input)}\n${policy}`;
      expect({ where, answer: ask(evaluator, rule, input) }).toEqual({ where, answer });
      expect({ where, answer: ask(evaluator, rule, projected) }).toEqual({ where, answer });
    }
  }
}

describe("generated policies", () => {
  it(
    "are decided as OPA decides them, compiled and interpreted, by the input and by what is read of it",
    () => {
      const samples = fc.array(inputs, { minLength: INPUTS_COUNT, maxLength: INPUTS_COUNT });
      const limits = seconds > 0 ? { numRuns: 1_000_000, interruptAfterTimeLimit: seconds * 1000 } : { numRuns: 6 };
      fc.assert(fc.property(policies, samples, check), { ...limits, endOnFailure: true });
    },
    (seconds + 120) * 1000,
  );
});
