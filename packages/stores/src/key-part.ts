/** One part of a key: no separator and no brace is left in it, so that no two lists of parts make one key. */
export function keyPart(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** Parts as one key. */
export function joinKey(...parts: readonly string[]): string {
  return parts.map(keyPart).join(":");
}
