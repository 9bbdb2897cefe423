/** Orders texts by their UTF-16 units, which depends on no locale. */
export function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
