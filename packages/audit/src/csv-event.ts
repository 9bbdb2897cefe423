import type { AuditEvent } from "./audit-event.ts";

const COLUMNS: readonly (readonly [name: string, value: (event: AuditEvent) => string])[] = [
  ["ts", ({ ts }) => ts],
  ["record_id", ({ event }) => event.id],
  ["type", ({ event }) => event.type],
  ["agent_id", ({ actor }) => actor?.agent_id ?? ""],
  ["tenant", ({ actor }) => actor?.tenant ?? ""],
  ["session", ({ actor }) => actor?.session ?? ""],
  ["decision_id", ({ decision }) => decision?.id ?? ""],
  ["decision", ({ decision }) => decision?.outcome ?? ""],
  ["outcome", ({ outcome }) => outcome],
  ["reason_codes", ({ reason_codes: codes }) => codes.join(" ")],
  ["reason", ({ decision, detail }) => detail ?? decision?.reason ?? ""],
  ["subject", ({ resource }) => resource?.subject ?? ""],
  ["tool", ({ resource }) => resource?.tool ?? ""],
  ["message_count", ({ message_count: count }) => String(count)],
  ["bundle_digest", ({ policy }) => policy?.bundle_digest ?? ""],
  ["approval_id", ({ approval }) => approval?.id ?? ""],
  ["approvers", ({ approval }) => approval?.approvers.join(" ") ?? ""],
  ["payload_sha256", ({ payload_sha256: digest }) => digest ?? ""],
  ["frame_sha256", ({ frame_sha256: digest }) => digest ?? ""],
  ["writer", ({ origin }) => origin.writer],
  ["connection", ({ origin }) => origin.connection],
  ["chain", ({ chain }) => (chain === undefined ? "" : `${chain.writer}/${chain.epoch}/${chain.seq}`)],
];

/** The first line of a CSV export (RFC 4180), its line end included. */
export const CSV_HEADER: string = lineOf(COLUMNS.map(([name]) => name));

/** An event as one line of CSV, its line end included. A cell that a spreadsheet would run as a formula begins with an apostrophe. */
export function csvEvent(event: AuditEvent): string {
  return lineOf(COLUMNS.map(([, value]) => value(event)));
}

function lineOf(cells: readonly string[]): string {
  return `${cells.map(cellOf).join(",")}\r\n`;
}

function cellOf(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
