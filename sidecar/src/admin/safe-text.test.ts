import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { safeText } from "./safe-text.ts";

describe("safeText", () => {
  it.each([
    ["an escape sequence", "\u001b[2J", "\\u{1b}[2J"],
    ["a bidi override", "a\u202eb", "a\\u{202e}b"],
    ["a zero-width space", "pay\u200bpal", "pay\\u{200b}pal"],
    ["line ends", "a\r\nb\u2028", "a\\u{d}\\u{a}b\\u{2028}"],
    ["a lone surrogate", "\ud800", "\\u{d800}"],
    ["a tag character", "\u{e0041}", "\\u{e0041}"],
    ["other people's letters", "größe 漢字", "größe 漢字"],
  ])("shows %s", (_, text, shown) => {
    expect(safeText(text)).toBe(shown);
  });

  it("leaves nothing for a second pass and only printable characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const shown = safeText(text);
        expect(safeText(shown)).toBe(shown);
        expect(shown.isWellFormed()).toBe(true);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }),
    );
  });
});
