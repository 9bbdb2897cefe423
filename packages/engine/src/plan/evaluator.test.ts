import { describe, expect, it } from "vitest";
import { createPlanEvaluator, type PlanEvaluator } from "./evaluator.ts";
import { PLAN_ERRORS, PlanError } from "./plan-error.ts";
import { fromJs } from "./values/from-js.ts";

const local = (value: number): object => ({ type: "local", value });
const string = (value: number): object => ({ type: "string_index", value });
const statement = (type: string, stmt: object): object => ({ type: `${type}Stmt`, stmt });

/** `result` is what `input.__proto__.role` holds, below a loop over `input.items`. */
function plan(...more: readonly object[]): object {
  return {
    static: { strings: ["__proto__", "role", "items", "result"].map((value) => ({ value })), builtin_funcs: [] },
    plans: {
      plans: [
        {
          name: "test/p",
          blocks: [
            {
              stmts: [
                statement("Dot", { source: local(0), key: string(0), target: 2 }),
                statement("Dot", { source: local(2), key: string(1), target: 3 }),
                ...more,
                statement("MakeObject", { target: 4 }),
                statement("ObjectInsert", { key: string(3), value: local(3), object: 4 }),
                statement("ResultSetAdd", { value: 4 }),
              ],
            },
          ],
        },
      ],
    },
    funcs: { funcs: [] },
  };
}

const nestedLoops = [0, 1, 2, 3].reduce<readonly object[]>(
  (inner, depth) => [
    statement("Dot", { source: local(0), key: string(2), target: 10 + depth }),
    statement("Scan", { source: 10 + depth, key: 20 + depth, value: 30 + depth, block: { stmts: inner } }),
  ],
  [statement("Nop", {})],
);

describe.each(["compiled", "interpreted"] as const)("createPlanEvaluator, %s", (mode) => {
  const create = (contents: unknown): PlanEvaluator => createPlanEvaluator(contents, {}, { mode });

  it("takes `__proto__` for a key like any other", () => {
    const input: unknown = JSON.parse('{"__proto__":{"role":"admin"}}');
    expect(create(plan()).evaluate("test/p", input)).toEqual([{ result: "admin" }]);
  });

  it("gives no result where something is undefined, or there is no input", () => {
    const evaluator = create(plan());
    for (const input of [{}, [], "text", null, 0, false, undefined, { __proto__: null, role: 1 }]) {
      expect(evaluator.evaluate("test/p", input)).toEqual([]);
    }
  });

  it("reads own properties only, whatever was done to the prototypes", () => {
    const evaluator = create(plan());
    const input: unknown = JSON.parse('{"__proto__":{}}');
    expect(evaluator.evaluate("test/p", input)).toEqual([]);
    Object.defineProperty(Object.prototype, "role", { value: "admin", enumerable: true, configurable: true });
    const results = evaluator.evaluateValues("test/p", fromJs(input));
    Reflect.deleteProperty(Object.prototype, "role");
    expect(results).toEqual([]);
  });

  it("ends a runaway evaluation, and the next one is none the worse", () => {
    const evaluator = create(plan(...nestedLoops));
    const input: unknown = JSON.parse(`{"__proto__":{"role":1},"items":[${"1,".repeat(99)}1]}`);
    expect(() => evaluator.evaluate("test/p", input, { stepsMax: 1_000_000 })).toThrow(
      expect.objectContaining({ code: "evaluation.budget" }),
    );
    expect(evaluator.evaluate("test/p", JSON.parse('{"__proto__":{"role":2},"items":[1]}'))).toEqual([{ result: 2 }]);
  });

  it("says what is wrong with entrypoint and input", () => {
    const evaluator = create(plan());
    expect(() => evaluator.evaluate("toString", {})).toThrow(expect.objectContaining({ code: "plan.entrypoint" }));
    expect(() => evaluator.evaluate("test/p", () => 1)).toThrow(expect.objectContaining({ code: "evaluation.input" }));
  });
});

describe("createPlanEvaluator", () => {
  it("refuses a plan whose built-in it lacks, by name", () => {
    const contents = { ...plan(), static: { builtin_funcs: [{ name: "http.send" }] } };
    expect(() => createPlanEvaluator(contents)).toThrow(PlanError);
    expect(() => createPlanEvaluator({ ...contents, plans: {} })).toThrow(/http\.send/);
  });

  it.each([
    [null],
    [[]],
    [{ plans: { plans: [{ name: 1 }] } }],
    [{ plans: { plans: [{ name: "p", blocks: [{ stmts: [statement("Jump", {})] }] }] } }],
    [{ plans: { plans: [{ name: "p", blocks: [{ stmts: [statement("IsDefined", { source: -1 })] }] }] } }],
    [
      {
        plans: {
          plans: [
            { name: "p", blocks: [{ stmts: [statement("Dot", { source: string(7), key: local(1), target: 2 })] }] },
          ],
        },
      },
    ],
  ])("refuses what is no plan: %j", (contents) => {
    expect(() => createPlanEvaluator(contents)).toThrow(expect.objectContaining({ code: "plan.invalid" }));
  });

  it("has errors of one class, whose codes are in the table", () => {
    const error = new PlanError("evaluation.conflict", "two values");
    expect(error.name).toBe(PlanError.name);
    expect(PLAN_ERRORS[error.code].opa).toBe("eval_conflict_error");
  });
});
