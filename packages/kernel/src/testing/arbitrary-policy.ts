import type { Finding, Input, JsonValue } from "@cortexos/protocol";
import fc from "fast-check";

/** A rule that looks at one field of the payload; `undefined` fires always. */
export interface Rule {
  readonly field?: string;
  readonly equals?: number;
  readonly finding: Finding;
}

const field = fc.constantFrom("a", "b", "c");
const value = fc.constantFrom(0, 1, 2);
const id = fc.constantFrom("r1", "r2", "r3");
const reason = fc.constantFrom("why", "because");
const budget = fc.option(fc.record({ scope: fc.constantFrom("tenant", "agent"), amount: fc.nat(3) }), {
  nil: undefined,
});
const base = fc
  .tuple(id, reason, budget)
  .map(([name, text, charge]) => ({ id: name, reason: text, ...(charge === undefined ? {} : { budget: charge }) }));
const pointers = fc.constantFrom("/a", "/b", "/c");

const modify = fc
  .tuple(
    base,
    fc.dictionary(pointers, value, { maxKeys: 2 }),
    fc.array(pointers, { maxLength: 1 }),
    fc.constantFrom<Record<string, string>[]>({}, { "X-Note": "1" }, { "x-note": "2" }),
    fc.constantFrom(undefined, "moved.x"),
  )
  .map(([common, set, remove, headers, topic]): Finding => ({
    effect: "modify",
    ...common,
    set,
    remove,
    headers,
    ...(topic === undefined ? {} : { topic }),
  }));

const throttle = fc
  .tuple(base, fc.constantFrom("k1", "k2"), fc.constantFrom(1, 5))
  .map(([common, key, burst]): Finding => ({ effect: "throttle", ...common, key, rate: 1, burst, window_ms: 1000 }));

const human = fc
  .tuple(base, fc.constantFrom("LEAD", "LEGAL"), fc.constantFrom(1, 2), fc.constantFrom(1000, 2000))
  .map(([common, approvers, quorum, expiresMs]): Finding => ({
    effect: "require_human",
    ...common,
    approvers,
    quorum,
    expires_ms: expiresMs,
  }));

const allow = base.map((common): Finding => ({ effect: "allow", ...common }));
const deny = base.map((common): Finding => ({ effect: "deny", ...common }));

/** Any finding; denials rarely, so that the rest shows. */
export const arbitraryFinding: fc.Arbitrary<Finding> = fc.oneof(
  { arbitrary: allow, weight: 4 },
  { arbitrary: modify, weight: 4 },
  { arbitrary: throttle, weight: 1 },
  { arbitrary: human, weight: 1 },
  { arbitrary: deny, weight: 1 },
);

/** A denial of any rule. */
export const arbitraryDenial: fc.Arbitrary<Finding> = deny;

const conditional = (finding: fc.Arbitrary<Finding>): fc.Arbitrary<Rule> =>
  fc.oneof(fc.record({ finding }), fc.record({ field, equals: value, finding }));

export const arbitraryRules: fc.Arbitrary<readonly Rule[]> = fc.array(conditional(arbitraryFinding), { maxLength: 5 });

/** Rules that only allow and modify, so that most of what they let go is patched. */
export const arbitraryPatchingRules: fc.Arbitrary<readonly Rule[]> = fc.array(conditional(fc.oneof(allow, modify)), {
  minLength: 1,
  maxLength: 5,
});

/** A payload that the rules look at. */
export const arbitraryPayload: fc.Arbitrary<JsonValue> = fc.dictionary(field, value);

/** What rules find in an input. */
export function findingsOf(rules: readonly Rule[], input: Input): readonly Finding[] {
  const payload = input.message.payload;
  return rules
    .filter((rule) => rule.field === undefined || memberOf(payload, rule.field) === rule.equals)
    .map((rule) => rule.finding);
}

function memberOf(payload: JsonValue, name: string): unknown {
  return typeof payload === "object" && payload !== null
    ? Object.entries(payload).find(([key]) => key === name)?.[1]
    : undefined;
}
