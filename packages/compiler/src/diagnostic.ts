/** One thing that is wrong with a source file. */
export interface Diagnostic {
  /** Path below the tree, with `/`; as the caller named it for a single file. */
  readonly file: string;
  /** From 1. */
  readonly row: number;
  /** From 1, in bytes as OPA counts them. */
  readonly col: number;
  /** OPA's code, for example `rego_parse_error`, or one of ours, for example `check.metadata`. */
  readonly code: string;
  /** One line, without a final stop. */
  readonly message: string;
  /** Rego to put there instead, ready to paste; several lines. */
  readonly mend?: string;
}

/** `file:line:col: message`, and below it the mended form where there is one. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, row, col, message, mend } = diagnostic;
  const line = `${file}:${row}:${col}: ${message}`;
  return mend === undefined ? line : `${line}\n\n${mend.replace(/^(?=.)/gm, "    ")}\n`;
}

/** Sorts by file, then place, and drops repeated ones. */
export function sortDiagnostics(diagnostics: Iterable<Diagnostic>): readonly Diagnostic[] {
  const unique = new Map<string, Diagnostic>();
  for (const diagnostic of diagnostics) {
    const { file, row, col, code, message } = diagnostic;
    unique.set(JSON.stringify([file, row, col, code, message]), diagnostic);
  }
  return [...unique.values()].sort(
    (a, b) => compareText(a.file, b.file) || a.row - b.row || a.col - b.col || compareText(a.message, b.message),
  );
}

/** Order by UTF-16 units, the same on every machine. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
