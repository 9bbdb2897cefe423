/** The value of a block string: without the indentation that its lines share, and without blank lines around it. */
export function blockStringValue(raw: string): string {
  const lines = raw.split("\n");
  const indents = lines.map(indentOf).filter((indent) => indent !== undefined);
  const common = indents.reduce((least, indent) => Math.min(least, indent), Number.MAX_SAFE_INTEGER);
  // The first line keeps its own, if OPA counts it among those that share one.
  const cut = indents.length === 0 ? lines : lines.map((line, index) => (index === 0 ? line : line.slice(common)));
  const first = cut.findIndex((line) => indentOf(line) !== undefined);
  const last = cut.findLastIndex((line) => indentOf(line) !== undefined);
  return first < 0 ? "" : cut.slice(first, last + 1).join("\n");
}

/** Leading white space; undefined when there is nothing else. */
function indentOf(line: string): number | undefined {
  const indent = /^[ \t]*/.exec(line)?.[0].length ?? 0;
  return indent < line.length ? indent : undefined;
}
