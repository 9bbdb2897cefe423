import type { Outcome } from "@cortexos/protocol";
import { shorten } from "./describe.ts";

/** What one message became, for one client. */
export interface DemoResult {
  readonly name: string;
  readonly client: string;
  readonly send: string;
  readonly subject: string;
  readonly outcome: Outcome;
  readonly expected: Outcome;
  readonly ruleIds: readonly string[];
  /** What the client's caller and its status channel saw. */
  readonly clientSaw: string;
  /** How often and as what a subscriber behind the bus received it. */
  readonly busReceived: string;
  readonly decisionUs: number;
}

/** Prints results as they come: a table row for people, or one JSON object a line. */
export interface Report {
  note(text: string): void;
  result(result: DemoResult): void;
  endpoints(endpoints: Readonly<Record<string, string>>, howTo: readonly string[]): void;
  summary(results: readonly DemoResult[]): void;
}

const COLUMNS = [
  ["subject", 30],
  ["sent by", 18],
  ["outcome", 13],
  ["rule", 30],
  ["the client saw", 58],
  ["behind the bus", 34],
  ["µs", 6],
] as const;

/** A table on standard output. */
export function createTableReport(write: (line: string) => void): Report {
  let headed = false;
  const row = (cells: readonly string[]): void =>
    write(
      COLUMNS.map(([, width], i) => shorten(cells[i] ?? "", width).padEnd(width))
        .join("  ")
        .trimEnd(),
    );
  return {
    note: write,
    result(result) {
      if (!headed) row(COLUMNS.map(([title]) => title));
      headed = true;
      row([
        result.subject,
        `${result.client} ${result.send}`,
        result.outcome,
        result.ruleIds.join(" "),
        result.clientSaw,
        result.busReceived,
        result.decisionUs.toFixed(0),
      ]);
    },
    endpoints(endpoints, howTo) {
      write("");
      for (const [name, url] of Object.entries(endpoints)) write(`${name.padEnd(22)}${url}`);
      write("");
      for (const line of howTo) write(line);
    },
    summary(results) {
      write("");
      const counts = countOutcomes(results);
      write(
        `${results.length} messages: ${Object.entries(counts)
          .map(([outcome, count]) => `${count} ${outcome}`)
          .join(", ")}`,
      );
    },
  };
}

/** One JSON object a line: `{"type": "note" | "result" | "endpoints" | "summary", …}`. */
export function createJsonReport(write: (line: string) => void): Report {
  const print = (type: string, fields: object): void => write(JSON.stringify({ type, ...fields }));
  return {
    note: (text) => print("note", { text }),
    result: (result) => print("result", result),
    endpoints: (endpoints) => print("endpoints", endpoints),
    summary: (results) => print("summary", { messages: results.length, outcomes: countOutcomes(results) }),
  };
}

function countOutcomes(results: readonly DemoResult[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome } of results) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}
