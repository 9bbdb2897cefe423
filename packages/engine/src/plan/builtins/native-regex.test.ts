import fc from "fast-check";
import { RE2JS } from "re2js";
import { describe, expect, it } from "vitest";
import { nativeRegex } from "./native-regex.ts";

const SURE = [
  "^[0-9]{1,9}$",
  "^job",
  "^agent\\.[a-z]+\\.tool\\.[a-z]+$",
  "^[^.]+\\.[^.]*$",
  "abc",
  "^(?:a|bc|d\\.e)$",
  "\\d{4}-\\d{2}",
  "^.*$",
  "x?y",
  "^\u00e9[\u00e0-\u00ff]{2}$",
  "^[\\w.-]+@[a-z]{2,3}$",
];

const UNSURE = [
  "^\\w+\\s$",
  "(a+)+$",
  "^(a|b)*$",
  "a+b",
  "^a+a$",
  "^a*b*c$",
  "(?i)a",
  "[[:alpha:]]",
  "\\bfoo",
  "^a$|b",
  "a{3}{2}",
  "^[]a]$",
  "\\pL",
  "(?P<n>a)",
  "^a+?b+?c??d?e?f?g?h?",
];

describe("nativeRegex", () => {
  it("takes patterns that are sure to be linear, and leaves all others to RE2", () => {
    expect(SURE.filter((pattern) => nativeRegex(pattern) === undefined)).toEqual([]);
    expect(UNSURE.filter((pattern) => nativeRegex(pattern) !== undefined)).toEqual([]);
  });

  it("matches as RE2 does, whatever the pattern and the text", () => {
    const piece = fc.constantFrom(
      ..."a b . \\. [a-c] [^a] [\\d_-] \\d \\w \\S ^ $ * + ? {2} {1,2} {2,} | ( (?: ) \u{1f600} \n \\n - / é".split(
        " ",
      ),
    );
    const pattern = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));
    const text = fc.array(
      fc.constantFrom("a", "b", "c", ".", "-", "1", "_", "\n", "\r", "\u2028", "é", "\u{1f600}", " "),
      {
        maxLength: 8,
      },
    );
    fc.assert(
      fc.property(pattern, text, (source, characters) => {
        fc.pre(isValid(source));
        const native = nativeRegex(source);
        fc.pre(native !== undefined);
        const subject = characters.join("");
        expect({ source, subject, isMatch: native?.test(subject) }).toEqual({
          source,
          subject,
          isMatch: RE2JS.compile(source).test(subject),
        });
      }),
      { numRuns: 3_000 },
    );
  });

  it("takes no longer for texts made to be hard", () => {
    // A million characters would take years, were any of these not linear.
    const hard = ["a".repeat(1_000_000), `${"a.".repeat(500_000)}!`, `agent.${"a".repeat(1_000_000)}`];
    for (const pattern of SURE)
      for (const text of hard) expect(typeof nativeRegex(pattern)?.test(text)).toBe("boolean");
  });
});

function isValid(pattern: string): boolean {
  try {
    RE2JS.compile(pattern);
    return true;
  } catch {
    return false;
  }
}
