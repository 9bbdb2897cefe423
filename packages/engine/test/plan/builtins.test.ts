import { describe, expect, it } from "vitest";
import { createPlanEvaluator } from "../../src/plan/evaluator.ts";
import { lookup } from "../../src/plan/values/lookup.ts";
import { parseJson } from "../../src/plan/values/json-parse.ts";
import { jsonText } from "../../src/plan/values/json-text.ts";
import { toJsonValue } from "../../src/plan/values/to-js.ts";
import type { Value } from "../../src/plan/values/value.ts";
import { EXPRESSIONS } from "./builtin-expressions.ts";
import { askOpa } from "./native.ts";

// One rule for an expression, so that an undefined one leaves the others alone.
function moduleOf(expressions: readonly string[]): string {
  const rules = expressions.map((expression, index) => `r${index} := ${expression}\n`);
  const members = expressions.map((_, index) => `"${index}": [x | x := r${index}]`);
  return `package t\n\nall_results := {${members.join(", ")}}\n\n${rules.join("\n")}`;
}

describe.each(Object.entries(EXPRESSIONS))("built-ins: %s", (_, expressions) => {
  const { plan, result } = askOpa(moduleOf(expressions), "t/all_results");
  const native = ["result", 0, "expressions", 0, "value"].reduce<Value | undefined>(lookup, parseJson(result));

  it.each(["compiled", "interpreted"] as const)("answer as OPA does, %s", (mode) => {
    const [answer] = createPlanEvaluator(plan, {}, { mode }).evaluateValues("t/all_results", undefined);
    const ours = lookup(answer, "result");
    const differing = expressions.flatMap((expression, index) => {
      const [a, b] = [lookup(ours, String(index)), lookup(native, String(index))].map((value) => text(value));
      return a === b ? [] : [{ expression, ours: a, opa: b }];
    });
    expect(differing).toEqual([]);
  });
});

function text(value: Value | undefined): string {
  return value === undefined ? "undefined" : jsonText(toJsonValue(value));
}
