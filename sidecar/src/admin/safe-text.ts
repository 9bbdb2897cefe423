/** Controls, format and bidi characters, private use, unassigned, line and paragraph separators: nothing a screen should obey. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\p{Zl}\p{Zp}]/gu;

/** The text with everything a terminal or a browser might obey made visible as `\u{hex}`. Idempotent for what it returns. */
export function safeText(text: string): string {
  return text.replaceAll(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
