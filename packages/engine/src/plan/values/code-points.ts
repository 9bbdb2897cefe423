/** The code points of a text, which OPA counts where JS counts UTF-16 units. */
export function codePoints(text: string): string[] {
  return Array.from(text);
}
