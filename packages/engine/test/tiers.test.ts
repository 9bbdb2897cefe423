import { canonicalJson, type Input } from "@cortexos/protocol";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { createPolicy, type EngineError, type BundleFiles, type Policy } from "../src/index.ts";
import { compileFiles, ECHO_REGO, openFiles } from "./opa.ts";

const RULES_REGO = `package cortexos.main

deny contains {"rule": "a", "finding": sprintf("%v may not %s", [input.user, input.action])} if input.action in data.acts.denied
deny contains {"rule": "b", "finding": "too much"} if input.amount > 100

throttle contains {"rule": "t", "finding": {"reason": "busy", "rate": input.rate}} if input.rate

require_human contains {"rule": "h", "finding": {"reason": "ask", "approvers": role}} if some role in input.roles

modify contains {"rule": "m", "finding": {"reason": "hide", "set": {"/secret": "***", "/n": count(input.roles)}}} if input.secret

level := 1 if input.low
level := 2 if input.high

findings := {
	"deny": deny, "throttle": throttle, "require_human": require_human, "modify": modify,
	"allow": {"level" | level > 0},
}
`;

function asInput(value: unknown): Input {
  return value as Input;
}

describe("the two tiers", () => {
  let tiers: (files: BundleFiles) => readonly [Policy, Policy];
  let rules: readonly [Policy, Policy];
  let echo: readonly [Policy, Policy];
  beforeAll(() => {
    tiers = (files) => [createPolicy(openFiles(files, "plan")), createPolicy(openFiles(files, "wasm"))];
    rules = tiers(compileFiles({ rego: RULES_REGO, data: { acts: { denied: ["delete", "drop"] } } }));
    echo = tiers(compileFiles({ rego: ECHO_REGO }));
  });

  const answersOf = (tierPolicies: readonly [Policy, Policy], value: unknown, text?: string): readonly unknown[] =>
    tierPolicies.map((policy) => policy.evaluate(asInput(value), text));

  it("give the same evaluation for inputs that the policy looks into", () => {
    const roles = fc.array(fc.constantFrom("sre", "dev", "é", ""), { maxLength: 3 });
    const input = fc.record(
      {
        user: fc.jsonValue({ maxDepth: 1 }),
        action: fc.oneof(fc.constantFrom("delete", "drop", "read"), fc.jsonValue()),
        amount: fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.jsonValue()),
        rate: fc.oneof(fc.integer({ min: -1, max: 5 }), fc.jsonValue()),
        roles: fc.oneof(roles, fc.jsonValue()),
        secret: fc.boolean(),
        low: fc.boolean(),
        high: fc.boolean(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(input, (value) => {
        const [plan, wasm] = answersOf(rules, value);
        expect(plan).toEqual(wasm);
        const text = canonicalJson(JSON.parse(JSON.stringify(value)));
        expect(answersOf(rules, value, text)).toEqual([plan, wasm]);
      }),
      { numRuns: 400 },
    );
  });

  it("give the same evaluation for any JSON and for what is none", () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.anything()), (value) => {
        for (const [plan, wasm] of [answersOf(rules, value), answersOf(echo, value)]) expect(plan).toEqual(wasm);
      }),
      { numRuns: 300 },
    );
  });

  it("give the same findings or the same failure for hostile findings", () => {
    const member = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.jsonValue(),
      fc.record({ reason: fc.string(), rate: fc.double(), set: fc.dictionary(fc.string(), fc.jsonValue()) }),
    );
    const sets = fc.dictionary(
      fc.constantFrom("deny", "require_human", "throttle", "modify", "allow"),
      fc.array(member),
    );
    fc.assert(
      fc.property(sets, (value) => {
        const [plan, wasm] = answersOf(echo, value);
        expect(plan).toEqual(wasm);
      }),
      { numRuns: 300 },
    );
  });

  it("have the same words for a conflict", () => {
    const reason = "conflict: a rule gives two values";
    for (const policy of rules)
      expect(policy.evaluate(asInput({ low: true, high: true }))).toEqual({
        ok: false,
        code: "evaluation.error",
        reason,
      });
  });

  it("know what the policy reads", () => {
    expect(rules[0].reads).toContain("/amount");
    expect(rules[0].reads).not.toContain("");
    expect(rules[1].reads).toEqual(rules[0].reads);
  });
});

describe("tier C", () => {
  it("is what a bundle with a plan gets, and tier W one without", () => {
    const files = compileFiles({ rego: ECHO_REGO });
    const without = new Map([...files].filter(([path]) => path !== "plan.json"));
    expect(openFiles(files).evaluator.tier).toBe("plan");
    expect(openFiles(files, "wasm").evaluator.tier).toBe("wasm");
    expect(() => openFiles(without)).toThrow(/plan\.json: missing/);
  });

  it.each([
    ["no JSON", "x", "bundle.content"],
    ["no UTF-8", Buffer.from([0xff]), "bundle.content"],
    ["no plan", '{"funcs":[]}', "bundle.content"],
    ["a plan without the entrypoint", '{"static":{},"plans":{"plans":[]},"funcs":{"funcs":[]}}', "bundle.entrypoint"],
    [
      "a plan that needs what is refused",
      '{"static":{"builtin_funcs":[{"name":"http.send","decl":{}}]},"plans":{"plans":[]},"funcs":{"funcs":[]}}',
      "bundle.builtin",
    ],
  ])("refuses a bundle whose plan.json is %s", (_, plan, code) => {
    const files = new Map([...compileFiles({ rego: ECHO_REGO }), ["plan.json", Buffer.from(plan)]]);
    expect(() => openFiles(files)).toThrow(expect.objectContaining({ name: "EngineError", code }) as EngineError);
  });

  it("stops an evaluation that takes too many steps, and goes on", () => {
    const rego = `package cortexos.main

big := [[x, y] | some x in numbers.range(1, 9000); some y in numbers.range(1, 9000)] if input.big

findings := {"deny": {"big" | count(big) > 0}, "allow": {"ok" | not big}, "require_human": set(), "throttle": set(), "modify": set()}
`;
    const policy = createPolicy(openFiles(compileFiles({ rego })));
    expect(policy.evaluate(asInput({ big: true }))).toMatchObject({ ok: false, code: "evaluation.budget" });
    expect(policy.evaluate(asInput({}))).toMatchObject({ ok: true });
  });
});
