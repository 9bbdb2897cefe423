import { FINDING_EFFECTS, REASON_CHARS_MAX, type Finding } from "@cortexos/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readFindings } from "./findings.ts";

const EMPTY = { deny: [], require_human: [], throttle: [], modify: [], allow: [] };

function read(sets: Readonly<Record<string, unknown>>): unknown {
  const evaluation = readFindings({ ok: true, result: { ...EMPTY, ...sets } });
  return evaluation.ok ? evaluation.findings : evaluation.code;
}

const HOLD = { reason: "r", approvers: "sre" };

/** A second, plainer opinion on what every finding must be. */
function isSound(finding: Finding): boolean {
  if (finding.id === "" || finding.reason === "" || finding.reason.length > REASON_CHARS_MAX) return false;
  const numbers = Object.values({ ...finding, ...finding.budget }).filter((value) => typeof value === "number");
  return numbers.every((value) => Number.isSafeInteger(value) && value >= 1);
}

describe("readFindings", () => {
  it("passes an evaluator's failure on", () => {
    const failure = { ok: false, code: "evaluation.error", reason: "x" } as const;
    expect(readFindings(failure)).toBe(failure);
  });

  it("takes a text for the reason, and the tag for the id", () => {
    expect(read({ deny: [{ rule: "spec.prod", finding: "no" }, "plain"] })).toEqual([
      { effect: "deny", id: "deny", reason: "plain" },
      { effect: "deny", id: "spec.prod", reason: "no" },
    ]);
  });

  it("takes an object's own id before the tag's", () => {
    expect(
      read({ allow: [{ rule: "a", finding: { id: "b", reason: "r", budget: { scope: "s", amount: 5 } } }] }),
    ).toEqual([{ effect: "allow", id: "b", reason: "r", budget: { scope: "s", amount: 5 } }]);
  });

  it("fills in what a rule may leave out", () => {
    const sets = {
      require_human: [{ rule: "a", finding: HOLD }],
      throttle: [{ rule: "b", finding: { reason: "r", rate: 3 } }],
      modify: [{ rule: "c", finding: { reason: "r" } }],
    };
    expect(read(sets)).toEqual([
      { effect: "require_human", id: "a", reason: "r", approvers: "sre", quorum: 1, expires_ms: 3_600_000 },
      { effect: "throttle", id: "b", reason: "r", key: "b", rate: 3, burst: 3, window_ms: 1000 },
      { effect: "modify", id: "c", reason: "r", set: {}, remove: [], headers: {} },
    ]);
  });

  it("keeps a modification as it was written, hostile keys included", () => {
    const finding = JSON.parse(
      '{"reason":"r","topic":"a.b","set":{"/a~1b":{"__proto__":1},"/n":null},"remove":["/x"],"headers":{"__proto__":"v"}}',
    ) as unknown;
    expect(JSON.stringify(read({ modify: [{ rule: "m", finding }] }))).toBe(
      '[{"effect":"modify","id":"m","reason":"r","topic":"a.b","set":{"/a~1b":{"__proto__":1},"/n":null},"remove":["/x"],"headers":{"__proto__":"v"}}]',
    );
  });

  it("cuts a long reason between characters", () => {
    const found = read({ deny: ["😀".repeat(REASON_CHARS_MAX)] }) as readonly { reason: string }[];
    expect(found[0]?.reason).toHaveLength(REASON_CHARS_MAX);
    expect(found[0]?.reason.isWellFormed()).toBe(true);
    expect(found[0]?.reason.endsWith("…")).toBe(true);
  });

  it("gives the same findings in whatever order a set is told", () => {
    const members = ["b", "a", { reason: "a", id: "z" }, { rule: "q", finding: "x" }];
    fc.assert(
      fc.property(fc.shuffledSubarray(members, { minLength: members.length }), (shuffled) => {
        expect(read({ deny: shuffled })).toEqual(read({ deny: members }));
      }),
    );
  });

  it.each([
    ["no object", null],
    ["an array", []],
    ["a missing set", { ...EMPTY, deny: undefined }],
    ["only four sets", { deny: [], require_human: [], throttle: [], modify: [] }],
    ["an unknown effect", { ...EMPTY, permit_all: [] }],
    ["a set that is an object", { ...EMPTY, deny: {} }],
    ["a set that is a text", { ...EMPTY, deny: "no" }],
    ["a number", { ...EMPTY, deny: [1] }],
    ["a boolean", { ...EMPTY, allow: [true] }],
    ["null", { ...EMPTY, deny: [null] }],
    ["an empty reason", { ...EMPTY, deny: [""] }],
    ["no reason", { ...EMPTY, deny: [{}] }],
    ["a reason that is a number", { ...EMPTY, deny: [{ reason: 1 }] }],
    ["half a surrogate pair", { ...EMPTY, deny: ["\ud800"] }],
    ["an unknown field", { ...EMPTY, deny: [{ reason: "r", approvers: "x" }] }],
    ["an empty id", { ...EMPTY, deny: [{ reason: "r", id: "" }] }],
    ["a tag with more in it", { ...EMPTY, deny: [{ rule: "a", finding: "x", more: 1 }] }],
    ["a tag that is no path", { ...EMPTY, deny: [{ rule: "a b", finding: "x" }] }],
    ["a tag around a tag", { ...EMPTY, deny: [{ rule: "a", finding: { rule: "b", finding: "x" } }] }],
    ["a hold without approvers", { ...EMPTY, require_human: [{ reason: "r" }] }],
    ["a hold that is a text", { ...EMPTY, require_human: ["r"] }],
    ["a quorum of nobody", { ...EMPTY, require_human: [{ ...HOLD, quorum: 0 }] }],
    ["a broken quorum", { ...EMPTY, require_human: [{ ...HOLD, quorum: 1.5 }] }],
    ["a quorum that is a text", { ...EMPTY, require_human: [{ ...HOLD, quorum: "2" }] }],
    ["a negative time", { ...EMPTY, require_human: [{ ...HOLD, expires_ms: -1 }] }],
    ["an endless time", { ...EMPTY, require_human: [{ ...HOLD, expires_ms: Number.POSITIVE_INFINITY }] }],
    ["a throttle without a rate", { ...EMPTY, throttle: [{ reason: "r" }] }],
    ["a rate that is not a number", { ...EMPTY, throttle: [{ reason: "r", rate: Number.NaN }] }],
    ["a rate of nothing", { ...EMPTY, throttle: [{ reason: "r", rate: 0 }] }],
    ["a rate too large", { ...EMPTY, throttle: [{ reason: "r", rate: 2 ** 50 }] }],
    ["an empty key", { ...EMPTY, throttle: [{ reason: "r", rate: 1, key: "" }] }],
    ["a pointer without a slash", { ...EMPTY, modify: [{ reason: "r", set: { a: 1 } }] }],
    ["a pointer with a wrong escape", { ...EMPTY, modify: [{ reason: "r", remove: ["/~2"] }] }],
    ["removal of numbers", { ...EMPTY, modify: [{ reason: "r", remove: [1] }] }],
    ["an integer that was rounded", { ...EMPTY, modify: [{ reason: "r", set: { "/a": [2 ** 53] } }] }],
    [
      "a number that overflowed",
      { ...EMPTY, modify: [{ reason: "r", set: { "/a": { b: Number.POSITIVE_INFINITY } } }] },
    ],
    ["a set that is too large", { ...EMPTY, modify: [{ reason: "r", set: { "/a": "x".repeat(1024 * 1024) } }] }],
    ["a value with half a surrogate pair", { ...EMPTY, modify: [{ reason: "r", set: { "/a": "\udc00" } }] }],
    ["a header that is no text", { ...EMPTY, modify: [{ reason: "r", headers: { a: 1 } }] }],
    ["set that is an array", { ...EMPTY, modify: [{ reason: "r", set: [] }] }],
    ["a budget without an amount", { ...EMPTY, allow: [{ reason: "r", budget: { scope: "s" } }] }],
    ["a budget with a negative amount", { ...EMPTY, allow: [{ reason: "r", budget: { scope: "s", amount: -1 } }] }],
    ["a budget with more", { ...EMPTY, allow: [{ reason: "r", budget: { scope: "s", amount: 1, x: 1 } }] }],
    ["too many findings", { ...EMPTY, deny: Array.from({ length: 1025 }, (_, i) => `r${i}`) }],
  ])("fails the whole evaluation for %s", (_, result) => {
    const evaluation = readFindings({ ok: true, result });
    expect(evaluation).toMatchObject({ ok: false, code: "evaluation.shape" });
  });

  it("never throws and gives only findings that are right, whatever the result", () => {
    const member = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.jsonValue(),
      fc.record(
        {
          reason: fc.oneof(fc.string(), fc.jsonValue()),
          id: fc.jsonValue(),
          approvers: fc.string(),
          quorum: fc.oneof(fc.double(), fc.integer()),
          rate: fc.oneof(fc.double(), fc.integer()),
          key: fc.jsonValue(),
          set: fc.dictionary(fc.string(), fc.jsonValue()),
          budget: fc.jsonValue(),
          rule: fc.string(),
          finding: fc.jsonValue(),
        },
        { requiredKeys: [] },
      ),
    );
    const sets = fc.record(Object.fromEntries(FINDING_EFFECTS.map((e) => [e, fc.array(member, { maxLength: 3 })])));
    fc.assert(
      fc.property(fc.oneof(fc.anything(), sets), (result) => {
        const evaluation = readFindings({ ok: true, result });
        const findings = evaluation.ok ? evaluation.findings : [];
        expect(evaluation.ok || evaluation.code === "evaluation.shape").toBe(true);
        expect(findings.filter((finding) => !isSound(finding))).toEqual([]);
      }),
    );
  });
});
