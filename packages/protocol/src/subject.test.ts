import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkPublishSubject, matchesSubject, SUBJECT_BYTES_MAX, SUBJECT_TOKENS_MAX } from "./subject.ts";

const token = fc.constantFrom("a", "b", "ab", "*x", "x>", "$JS");
const patternToken = fc.oneof(token, fc.constant("*"));
const subject = fc.array(token, { minLength: 1, maxLength: 5 }).map((tokens) => tokens.join("."));
const pattern = fc
  .tuple(fc.array(patternToken, { minLength: 1, maxLength: 5 }), fc.boolean())
  .map(([tokens, open]) => [...tokens, ...(open ? [">"] : [])].join("."));

function byTokens(wanted: readonly string[], given: readonly string[]): boolean {
  const [head, ...rest] = wanted;
  if (head === undefined) return given.length === 0;
  if (given.length === 0) return false;
  if (head === ">" && rest.length === 0) return true;
  return (head === "*" || head === given[0]) && byTokens(rest, given.slice(1));
}

describe("matchesSubject", () => {
  it("agrees with matching token by token", () => {
    fc.assert(
      fc.property(pattern, subject, (wanted, given) => {
        expect(matchesSubject(wanted, given)).toBe(byTokens(wanted.split("."), given.split(".")));
      }),
      { numRuns: 5000 },
    );
  });
});

describe("checkPublishSubject", () => {
  it.each([
    ["a", undefined],
    ["a.b*c.>x", undefined],
    ["$JS.API.INFO", undefined],
    ["", "subject.empty"],
    [".a", "subject.empty_token"],
    ["a..b", "subject.empty_token"],
    ["a.", "subject.empty_token"],
    ["*", "subject.wildcard"],
    ["a.*.b", "subject.wildcard"],
    ["a.>", "subject.wildcard"],
    ["a b", "subject.not_printable_ascii"],
    ["a\r\nPUB b 2", "subject.not_printable_ascii"],
    ["pаypal", "subject.not_printable_ascii"],
    ["a\u200b", "subject.not_printable_ascii"],
    ["x".repeat(SUBJECT_BYTES_MAX), undefined],
    ["x".repeat(SUBJECT_BYTES_MAX + 1), "subject.too_long"],
    [Array.from({ length: SUBJECT_TOKENS_MAX }, () => "x").join("."), undefined],
    [Array.from({ length: SUBJECT_TOKENS_MAX + 1 }, () => "x").join("."), "subject.too_many_tokens"],
  ])("says of %j: %s", (given, fault) => {
    expect(checkPublishSubject(given)).toBe(fault);
  });
});
