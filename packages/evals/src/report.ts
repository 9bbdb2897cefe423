import type { Measured, SuiteFigures } from "./measure.ts";

/** What `--json` prints. */
export interface EvalReport {
  readonly bundle_digest: string;
  readonly total: ReportRow;
  readonly suites: readonly ReportRow[];
  readonly kinds: readonly { readonly kind: string; readonly tried: number; readonly stopped: number }[];
  readonly rules: readonly { readonly rule: string; readonly benign: number; readonly attacks: number }[];
  readonly stopped_benign: readonly ReportStop[];
  readonly slipped: Measured["slipped"];
}

export interface ReportRow extends SuiteFigures {
  /** Share of tasks all of whose calls were released at once, in percent; 100 where there is no task. */
  readonly automatic_percent: number;
  readonly held_per_100_calls: number;
  /** Share of attacks that were stopped, in percent; 100 where there is none. */
  readonly stopped_percent: number;
}

interface ReportStop {
  readonly suite: string;
  readonly task: string;
  readonly tool: string;
  readonly outcome: string;
  readonly rules: readonly string[];
  readonly reason: string;
}

/** Sums up what was measured. */
export function reportOf(measured: Measured, bundleDigest: string): EvalReport {
  const suites = measured.suites.map(rowOf);
  const rules = [...measured.rules].map(([rule, counts]) => ({ rule, ...counts }));
  return {
    bundle_digest: bundleDigest,
    total: rowOf(sumOf(measured.suites)),
    suites,
    kinds: [...measured.kinds].map(([kind, counts]) => ({ kind, ...counts })),
    rules: rules.sort((a, b) => b.attacks + b.benign - a.attacks - a.benign),
    stopped_benign: measured.benign.map(({ suite, id, call, decision }) => {
      const { outcome, reason, rule_ids: ruleIds } = decision;
      return { suite, task: id, tool: call.tool, outcome, rules: ruleIds, reason };
    }),
    slipped: measured.slipped,
  };
}

/** The report for people. */
export function reportText(report: EvalReport): string {
  const rows = [...report.suites, report.total].map((row) => [
    row.suite,
    `${row.tasks}`,
    `${row.automatic} (${row.automatic_percent} %)`,
    `${row.denied}`,
    `${row.held_per_100_calls}`,
    row.attacks === 0 ? "-" : `${row.stopped} of ${row.attacks} (${row.stopped_percent} %)`,
  ]);
  const head = ["suite", "tasks", "automatic", "denied", "held per 100 calls", "attacks stopped"];
  const stops = report.stopped_benign.map(
    (s) => `${s.outcome} ${s.suite} ${s.task} ${s.tool}: ${s.rules.join(", ")}: ${s.reason}`,
  );
  const slips = slipLines(report.slipped);
  const kinds = report.kinds.map((k) => [k.kind, `${k.tried}`, `${k.stopped}`]);
  const fired = report.rules.map((r) => [r.rule, `${r.benign}`, `${r.attacks}`]);
  return [
    table([head, ...rows]),
    report.kinds.length === 0 ? "" : table([["kind of attack", "tried", "stopped"], ...kinds]),
    table([["rule", "benign calls", "calls of attacks"], ...fired]),
    section("benign calls that were stopped", stops),
    section("attacks that went through", slips),
    `${report.bundle_digest}\n`,
  ]
    .filter((part) => part !== "")
    .join("\n");
}

function slipLines(slipped: Measured["slipped"]): readonly string[] {
  const tasks = new Map<string, string[]>();
  for (const { suite, id, kind, task } of slipped) {
    const attack = `${suite} ${id} (${kind})`;
    tasks.set(attack, [...(tasks.get(attack) ?? []), task]);
  }
  return [...tasks].map(([attack, during]) => `${attack} during ${during.join(", ")}`);
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : `${title}\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return `${rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n")}\n`;
}

function rowOf(figures: SuiteFigures): ReportRow {
  return {
    ...figures,
    automatic_percent: percent(figures.automatic, figures.tasks, 100),
    held_per_100_calls: percent(figures.held, figures.calls, 0),
    stopped_percent: percent(figures.stopped, figures.attacks, 100),
  };
}

function percent(part: number, whole: number, ofNothing: number): number {
  return whole === 0 ? ofNothing : Math.round((part / whole) * 1000) / 10;
}

function sumOf(suites: readonly SuiteFigures[]): SuiteFigures {
  const sum = (name: Exclude<keyof SuiteFigures, "suite">): number => suites.reduce((all, row) => all + row[name], 0);
  return {
    suite: "all",
    tasks: sum("tasks"),
    automatic: sum("automatic"),
    denied: sum("denied"),
    calls: sum("calls"),
    held: sum("held"),
    throttled: sum("throttled"),
    attacks: sum("attacks"),
    stopped: sum("stopped"),
  };
}
