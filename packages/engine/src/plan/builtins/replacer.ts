import { spendCharacters } from "../run/meter.ts";

/**
 * Replaces by several patterns at once, as Go's `strings.Replacer` does: from left to right, without overlap, the earlier
 * pattern first. An empty pattern matches between all code points.
 */
export function replaceAll(text: string, pairs: readonly (readonly [string, string])[]): string {
  const [only] = pairs;
  if (pairs.length === 1 && only !== undefined && only[0] !== "") {
    const parts = text.split(only[0]);
    spendCharacters(text.length + parts.length * only[1].length);
    return parts.join(only[1]);
  }
  let out = "";
  let at = 0;
  let wasEmpty = false;
  while (at <= text.length) {
    const skipEmpty: boolean = wasEmpty;
    const match: readonly [string, string] | undefined = pairs.find(([from]) =>
      from === "" ? !skipEmpty : text.startsWith(from, at),
    );
    wasEmpty = match?.[0] === "";
    spendCharacters(pairs.length + (match?.[1].length ?? 0));
    if (match !== undefined) {
      out += match[1];
      at += match[0].length;
      continue;
    }
    const next = String.fromCodePoint(text.codePointAt(at) ?? 0);
    if (at < text.length) out += next;
    at += next.length;
  }
  return out;
}
