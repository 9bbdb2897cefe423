import { describe, expect, it } from "vitest";
import { checkEffectRules, findRulePackages, mainModuleText, ruleIdOf } from "./main-module.ts";
import type { RegoModule, RegoRuleKind } from "./rego-module.ts";

const place = { row: 1, col: 1, text: "" };

function moduleOf(packageName: string, rules: Readonly<Record<string, RegoRuleKind>>): RegoModule {
  return {
    file: `${packageName}.rego`,
    packagePath: packageName.split("."),
    packagePlace: place,
    imports: [],
    usesIf: true,
    dataRefs: [],
    metadata: undefined,
    rules: Object.entries(rules).map(([name, kind]) => ({ name, kind, place, node: {} })),
  };
}

describe("findRulePackages", () => {
  it("finds what defines an effect, in any order, once for each package", () => {
    const modules = [
      moduleOf("cortexos.rules.b", { modify: "set", deny: "set" }),
      moduleOf("cortexos.lib.x", { helper: "function" }),
      moduleOf("cortexos.rules.a", { allow: "set" }),
      moduleOf("cortexos.rules.b", { throttle: "set" }),
    ];
    const expected = [
      { packagePath: ["cortexos", "rules", "a"], effects: ["allow"] },
      { packagePath: ["cortexos", "rules", "b"], effects: ["deny", "throttle", "modify"] },
    ];
    expect(findRulePackages(modules)).toEqual(expected);
    expect(findRulePackages(modules.toReversed())).toEqual(expected);
  });
});

describe("checkEffectRules", () => {
  it.each(["value", "object", "function"] as const)(
    "refuses an effect that is a %s, whose findings would get lost",
    (kind) => {
      expect(checkEffectRules([moduleOf("cortexos.rules.a", { deny: kind })])).toMatchObject([
        { code: "check.effect_set" },
      ]);
    },
  );

  it("takes sets, and other rules of any kind", () => {
    expect(checkEffectRules([moduleOf("cortexos.rules.a", { deny: "set", helper: "value" })])).toEqual([]);
  });

  it("keeps cortexos.main for the generated file", () => {
    expect(checkEffectRules([moduleOf("cortexos.main", {})])).toMatchObject([{ code: "check.main" }]);
  });
});

describe("ruleIdOf", () => {
  it.each([
    ["cortexos.rules.spec.prod", "spec.prod"],
    ["cortexos.rules", "cortexos.rules"],
    ["acme.guard", "acme.guard"],
  ])("names %s as %s", (packageName, id) => {
    expect(ruleIdOf(packageName.split("."))).toBe(id);
  });
});

describe("mainModuleText", () => {
  it("gives five sets, the unused ones empty, and quotes what is no plain name", () => {
    const text = mainModuleText([{ packagePath: ["cortexos", "rules", "a-b", "if"], effects: ["deny"] }]);
    expect(text).toContain('\t"allow": set(),\n');
    expect(text).toContain('\t"deny": _deny,\n');
    expect(text).toContain(
      '{"rule": "a-b.if", "finding": finding} if some finding in data.cortexos.rules["a-b"]["if"].deny\n',
    );
  });
});
