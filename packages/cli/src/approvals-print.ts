/** A value of the admin API's JSON. Read loosely: a newer sidecar may say more. */
type Fields = Readonly<Record<string, unknown>>;

const UNSAFE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\p{Zl}\p{Zp}]/gu;
const SUBJECT_CHARS_MAX = 48;
const COLUMNS = ["ID", "STATUS", "SUBJECT", "REQUESTER", "APPROVERS", "EXPIRES", "RULES"] as const;

/**
 * Makes visible what a terminal might obey. The sidecar has done so already; what answers at that address needn't be one.
 */
export function screenText(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return (text ?? "").replaceAll(UNSAFE, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Held messages as a table, one a line. */
export function printHolds(holds: readonly Fields[]): string {
  if (holds.length === 0) return "no message is held\n";
  const rows = [[...COLUMNS], ...holds.map(holdRow)];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

/** One held message in full: what would be released, and the hash an approval binds. */
export function printHold(hold: Fields): string {
  const { payload } = hold;
  const lines: (readonly [string, unknown])[] = [
    ["id", hold["id"]],
    ["status", hold["status"]],
    ["subject", hold["subject"]],
    ["reply", hold["reply"]],
    ["headers", fieldList(hold["headers"])],
    ["payload", isFields(payload) ? payloadText(payload) : undefined],
    ["sha256", hold["frame_sha256"]],
    ["reason", hold["reason"]],
    ["rules", fieldList(hold["rule_ids"])],
    ["requester", requesterText(hold)],
    ["approvers", approversText(hold)],
    ["approvals", fieldList(hold["approvals"])],
    ["held at", hold["held_at"]],
    ["expires", hold["expires_at"]],
    ["bundle", hold["bundle_digest"]],
  ];
  return lines
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([label, value]) => `${label.padEnd(10)} ${screenText(value)}\n`)
    .join("");
}

/** What an approval or a denial changed, in one line. */
export function printChange(hold: Fields): string {
  const approvals = `${screenText(hold["approval_count"])} of ${screenText(hold["quorum"])} approvals`;
  const end = endText(hold["result"]);
  return `${screenText(hold["id"])} ${screenText(hold["status"])} (${approvals}) ${screenText(hold["frame_sha256"])}${end}\n`;
}

/** An approved message is decided once more; what came of that is what counts. */
function endText(result: unknown): string {
  if (!isFields(result)) return "";
  if (result["kind"] === "release") return ": released";
  return `: not released, ${screenText(result["reason"])} (${screenText(fieldList(result["rule_ids"]))})`;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function holdRow(hold: Fields): string[] {
  const subject = screenText(hold["subject"]);
  const shown = subject.length > SUBJECT_CHARS_MAX ? `${subject.slice(0, SUBJECT_CHARS_MAX - 1)}…` : subject;
  const cells = [hold["id"], hold["status"], shown, hold["requester"], approversText(hold), hold["expires_at"]];
  return [...cells.map(screenText), screenText(fieldList(hold["rule_ids"]))];
}

function approversText(hold: Fields): string {
  return `${screenText(hold["approvers"])} ${screenText(hold["approval_count"])}/${screenText(hold["quorum"])}`;
}

function requesterText(hold: Fields): string {
  return `${screenText(hold["requester"])} (tenant ${screenText(hold["tenant"])})`;
}

function payloadText(payload: Fields): string {
  const size = `${screenText(payload["size_bytes"])} bytes`;
  return "text" in payload
    ? `${screenText(payload["text"])} (${size})`
    : `base64 ${screenText(payload["base64"])} (${size})`;
}

function fieldList(value: unknown): string | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.map((item) => (typeof item === "string" ? item : JSON.stringify(item))).join(", ");
}
