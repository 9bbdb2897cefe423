/* oxlint-disable max-params -- two texts and their lengths */
const SHOWN_MAX = 5;

/** ` <prefix> "a", "b", or "c"?` of the options that resemble what was written; empty when none does. */
export function suggestionText(prefix: string, typed: string, options: readonly string[], isQuoted = true): string {
  const found = similar(typed, options).map((option) => (isQuoted ? `"${option}"` : option));
  return found.length === 0 ? "" : ` ${prefix} ${orList(found)}?`;
}

export function quotedOrList(items: readonly string[]): string {
  return orList(items.map((item) => `"${item}"`));
}

function orList(all: readonly string[]): string {
  const items = all.slice(0, SHOWN_MAX);
  if (items.length <= 2) return items.join(" or ");
  return `${items.slice(0, -1).join(", ")}, or ${items.at(-1)}`;
}

/** Options within a distance that grows with the text, the nearest first. */
function similar(typed: string, options: readonly string[]): readonly string[] {
  const distanceMax = Math.floor(Buffer.byteLength(typed) * 0.4) + 1;
  return options
    .map((option) => ({ option, distance: distanceOf(typed, option) }))
    .filter(({ distance }) => distance <= distanceMax)
    .sort((a, b) => a.distance - b.distance)
    .map(({ option }) => option);
}

/** Levenshtein's, with a change of case alone as one edit. */
function distanceOf(a: string, b: string): number {
  if (a === b) return 0;
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  return x === y ? 1 : editDistance(x, y);
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i += 1) {
    const row = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const change = (previous[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      row.push(Math.min(change, (row[j] ?? 0) + 1, (previous[j + 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous.at(-1) ?? 0;
}
