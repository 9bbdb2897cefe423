import type { Outcome } from "@cortexos/protocol";
import { shorten } from "./describe.ts";

/** What a message became that its client never sent. */
export const NOT_SENT = "not sent";

/** What one message became, for one client. */
export interface DemoResult {
  readonly name: string;
  readonly client: string;
  readonly send: string;
  readonly subject: string;
  readonly outcome: Outcome | typeof NOT_SENT;
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

/** What a table must have room for. */
export interface TableSpace {
  /** Of all messages that will come. */
  readonly subjects: readonly string[];
  /** Width of the terminal, in characters; `undefined` where it isn't one. */
  readonly columns: number | undefined;
}

const TITLES = ["subject", "sent by", "outcome", "rule", "the client saw", "behind the bus", "µs"] as const;
const WIDTHS = { sentBy: 22, outcome: 13, rule: 30, clientSaw: 58, behindBus: 34, took: 6 } as const;
const GAP = "  ";
/** Narrower than this, the words of a client or a patched payload say nothing. */
const WORDS_WIDTH_MIN = 20;

/** A table on standard output. What tells which message and which rule is never cut; where space is short, the client's words are. */
export function createTableReport(write: (line: string) => void, space: TableSpace): Report {
  const widths = columnWidths(space);
  let headed = false;
  const row = (cells: readonly string[]): void =>
    write(
      widths
        .map(({ width, isCut }, i) => {
          const cell = cells[i] ?? "";
          return (isCut ? shorten(cell, width) : cell).padEnd(width);
        })
        .join(GAP)
        .trimEnd(),
    );
  return {
    note: write,
    result(result) {
      if (!headed) row(TITLES);
      headed = true;
      row(cellsOf(result));
    },
    endpoints(endpoints, howTo) {
      write("");
      for (const [name, url] of Object.entries(endpoints)) write(`${name.padEnd(24)}${url}`);
      write("");
      for (const line of howTo) write(line);
    },
    summary(results) {
      write("");
      const counts = Object.entries(countOutcomes(results)).map(([outcome, count]) => `${count} ${outcome}`);
      write(`${results.length} messages: ${counts.join(", ")}`);
    },
  };
}

interface Column {
  readonly width: number;
  readonly isCut: boolean;
}

function columnWidths({ subjects, columns }: TableSpace): readonly Column[] {
  const subject = Math.max(TITLES[0].length, ...subjects.map((text) => text.length));
  const { sentBy, outcome, rule, clientSaw, behindBus, took } = WIDTHS;
  const gaps = GAP.length * (TITLES.length - 1);
  const words = (columns ?? Number.POSITIVE_INFINITY) - subject - sentBy - outcome - rule - took - gaps;
  const behind = wordsWidth(behindBus, Math.floor((words * behindBus) / (clientSaw + behindBus)));
  const saw = wordsWidth(clientSaw, words - behind);
  const whole = (width: number): Column => ({ width, isCut: false });
  const cut = (width: number): Column => ({ width, isCut: true });
  return [whole(subject), whole(sentBy), whole(outcome), whole(rule), cut(saw), cut(behind), whole(took)];
}

function wordsWidth(wanted: number, room: number): number {
  return Math.max(WORDS_WIDTH_MIN, Math.min(wanted, room));
}

function cellsOf(result: DemoResult): readonly string[] {
  const { subject, client, send, outcome, ruleIds, clientSaw, busReceived, decisionUs } = result;
  const took = outcome === NOT_SENT ? "" : decisionUs.toFixed(0);
  return [subject, `${client} ${send}`, outcome, ruleIds.join(" "), clientSaw, busReceived, took];
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
