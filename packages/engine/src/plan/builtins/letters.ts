import { codePoints } from "../values/code-points.ts";

// Go's view of letters and spaces: one code point becomes one code point, wherever it stands.

/** Code points whose simple capital JS hides behind a longer full one. */
function simpleUpper(point: number): number | undefined {
  if (point >= 0x1f80 && point <= 0x1faf) return point | 8;
  if (point === 0x1fb3 || point === 0x1fc3 || point === 0x1ff3) return point + 9;
  return undefined;
}

export function toUpper(text: string): string {
  if (isAscii(text)) return text.toUpperCase();
  return eachPoint(text, (character) => {
    const upper = simpleUpper(character.codePointAt(0) ?? 0);
    return upper === undefined ? character.toUpperCase() : String.fromCodePoint(upper);
  });
}

export function toLower(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  // U+0130 is the one letter whose full lower case is longer than its simple one.
  return eachPoint(text, (character) => (character === "\u0130" ? "i" : character.toLowerCase()));
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

function eachPoint(text: string, change: (character: string) => string): string {
  let out = "";
  for (const character of text) {
    const changed = change(character);
    out += codePoints(changed).length === 1 ? changed : character;
  }
  return out;
}

export function trimSpace(text: string): string {
  return trimSet(text, SPACES, "both");
}

/** Go's `unicode.IsSpace`. */
const SPACES =
  "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000";

/** Without the code points of `cut` at the ends named. */
export function trimSet(text: string, cut: string, ends: "both" | "left" | "right"): string {
  const removed = new Set(cut);
  const points = codePoints(text);
  let start = 0;
  let end = points.length;
  if (ends !== "right") while (start < end && removed.has(points[start] ?? "")) start += 1;
  if (ends !== "left") while (end > start && removed.has(points[end - 1] ?? "")) end -= 1;
  return end - start === points.length ? text : points.slice(start, end).join("");
}
