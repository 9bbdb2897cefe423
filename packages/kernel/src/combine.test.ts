import { canonicalJson, OUTCOMES, type Finding, type Outcome } from "@cortexos/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { combine, type Combined } from "./combine.ts";
import { arbitraryDenial, arbitraryFinding } from "./testing/arbitrary-policy.ts";
import { allow, deny, modify, requireHuman, throttle } from "./testing/fakes.ts";

const findings = fc.array(arbitraryFinding, { maxLength: 6 });
const strictness = ({ outcome }: Combined): number => OUTCOMES.indexOf(outcome);

describe("combine", () => {
  it("P1: denies when nothing was found", () => {
    expect(combine([], false)).toMatchObject({ outcome: "DENY", ruleIds: ["default.deny"] });
    expect(combine([], true)).toMatchObject({ outcome: "DENY", ruleIds: ["default.deny"] });
  });

  it("P2: denies whatever else was found beside a denial", () => {
    fc.assert(
      fc.property(findings, arbitraryDenial, fc.tuple(fc.nat(), fc.boolean()), (others, denial, [at, requireAllow]) => {
        const all = others.toSpliced(at % (others.length + 1), 0, denial);
        expect(combine(all, requireAllow).outcome).toBe("DENY");
      }),
    );
  });

  it("P2: never gets more lenient by a finding that narrows", () => {
    const narrowing = arbitraryFinding.filter((finding) => finding.effect !== "allow" && finding.effect !== "modify");
    fc.assert(
      fc.property(
        findings.filter((some) => some.length > 0),
        narrowing,
        fc.boolean(),
        (some, more, requireAllow) => {
          const before = combine(some, requireAllow);
          const after = combine([...some, more], requireAllow);
          expect(strictness(after)).toBeLessThanOrEqual(strictness(before));
        },
      ),
    );
  });

  it("P3: doesn't depend on the order of findings or on repeated ones", () => {
    const shuffled = findings.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 }), fc.boolean()),
    );
    fc.assert(
      fc.property(shuffled, ([all, repeated, requireAllow]) => {
        expect(canonicalJson(combine(repeated, requireAllow))).toBe(canonicalJson(combine(all, requireAllow)));
      }),
      { numRuns: 1000 },
    );
  });

  it.each<[readonly Finding[], Outcome, readonly string[]]>([
    [[allow()], "ALLOW", ["ok"]],
    [[allow("b"), allow("a")], "ALLOW", ["a", "b"]],
    [[allow(), modify()], "ALLOW_MOD", ["mend"]],
    [[allow(), modify(), throttle()], "THROTTLE", ["slow"]],
    [[allow(), modify(), throttle(), requireHuman()], "REQUIRE_HUMAN", ["human"]],
    [[allow(), modify(), throttle(), requireHuman(), deny()], "DENY", ["no"]],
    [[modify()], "ALLOW_MOD", ["mend"]],
  ])("of %j is %s", (found, outcome, ruleIds) => {
    expect(combine(found, false)).toMatchObject({ outcome, ruleIds });
  });

  it.each([[[modify()]], [[throttle()]], [[requireHuman()]], [[modify(), throttle(), requireHuman()]]])(
    "denies without a grant where the bundle asks for one: %j",
    (found) => {
      expect(combine(found, true)).toMatchObject({ outcome: "DENY", ruleIds: ["grant.missing"] });
      expect(combine([...found, allow()], true).outcome).not.toBe("DENY");
    },
  );

  it("takes the strictest of several holds", () => {
    const found = [
      requireHuman({ id: "a", approvers: "SRE_LEAD", quorum: 1, expires_ms: 500 }),
      requireHuman({ id: "b", approvers: "LEGAL", quorum: 3, expires_ms: 900 }),
    ];
    expect(combine(found, false)).toMatchObject({
      hold: { approvers: "LEGAL,SRE_LEAD", quorum: 3, expiresMs: 500 },
      reason: "ask",
      ruleIds: ["a", "b"],
    });
  });

  it("asks every bucket, each once", () => {
    const found = [throttle(), throttle({ id: "other" }), throttle({ key: "k2", rate: 9 })];
    expect(combine(found, false)).toMatchObject({
      throttles: [
        { key: "k", rate: 1, ruleIds: ["other", "slow"] },
        { key: "k2", rate: 9 },
      ],
    });
  });

  it.each([{ rate: 2 }, { burst: 2 }, { window_ms: 2 }])("denies one bucket with two limits: %j", (other) => {
    expect(combine([throttle(), throttle({ id: "x", ...other })], false)).toMatchObject({
      ruleIds: ["throttle.conflict"],
    });
  });

  it("adds the amounts of different rules, and a repeated finding once", () => {
    const charge = (id: string, scope: string, amount: number): Finding => ({
      ...allow(id),
      budget: { scope, amount },
    });
    const found = [charge("a", "s", 2), charge("a", "s", 2), charge("b", "s", 2), charge("a", "t", 1)];
    expect(combine(found, false)).toMatchObject({
      budgets: [
        { scope: "s", amount: 4 },
        { scope: "t", amount: 1 },
      ],
    });
    const tooMuch = [charge("a", "s", Number.MAX_SAFE_INTEGER), charge("b", "s", 1)];
    expect(combine(tooMuch, false)).toMatchObject({ outcome: "DENY", ruleIds: ["budget.amount"] });
  });

  it.each<[string, readonly Finding[]]>([
    ["two values for a pointer", [modify({ set: { "/a": 1 } }), modify({ id: "x", set: { "/a": 2 } })]],
    ["a value and a removal", [modify({ set: { "/a": 1 } }), modify({ id: "x", remove: ["/a"] })]],
    ["a value and a removal by one rule", [modify({ set: { "/a": 1 }, remove: ["/a"] })]],
    ["a place and something inside it", [modify({ set: { "/a": {} } }), modify({ id: "x", set: { "/a/b": 1 } })]],
    ["the whole payload and something inside it", [modify({ set: { "": {}, "/a": 1 } })]],
    ["two subjects", [modify({ topic: "a" }), modify({ id: "x", topic: "b" })]],
    ["two values for a header", [modify({ headers: { "X-A": "1" } }), modify({ id: "x", headers: { "x-a": "2" } })]],
  ])("denies %s", (_what, found) => {
    expect(combine([...found, allow()], false)).toMatchObject({ outcome: "DENY", ruleIds: ["patch.conflict"] });
  });

  it("merges patches that agree or touch different places", () => {
    const found = [
      modify({ set: { "/a": { x: 1, y: 2 }, "/ab": 1 }, headers: { "X-A": "1" }, topic: "t" }),
      modify({
        id: "x",
        set: { "/a": { y: 2, x: 1 } },
        remove: ["/l/2", "/l/10"],
        headers: { "x-a": "1" },
        topic: "t",
      }),
    ];
    const combined = combine(found, false);
    expect(combined).toMatchObject({ outcome: "ALLOW_MOD", patch: { topic: "t", headers: [["X-A", "1"]] } });
    expect("patch" in combined && combined.patch?.changes.map(({ pointer }) => pointer)).toEqual([
      "/a",
      "/ab",
      "/l/10",
      "/l/2",
    ]);
  });
});
