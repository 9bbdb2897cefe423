import type { TrailRecord } from "@cortexos/audit";
import { matchesSubject, type AuditRecord } from "@cortexos/protocol";
import { CliError } from "./cli-error.ts";
import type { CommandLine } from "./command-line.ts";

/** Options of every command that chooses among records. */
export const FILTER_OPTIONS = [
  "type",
  "outcome",
  "subject",
  "rule",
  "principal",
  "tenant",
  "connection",
  "id",
  "since",
  "until",
] as const;

/** As the usage tells them. */
export const FILTER_USAGE =
  "[--type <type>] [--outcome <outcome>] [--subject <filter>] [--rule <id>] [--principal <id>] [--tenant <tenant>] [--connection <id>] [--id <record, decision or hold>] [--since <time>] [--until <time>]";

/**
 * Whether a record is asked for: all options that are given must hold.
 *
 * @throws CliError `cli.usage` for a time that is none.
 */
export function createFilter(line: CommandLine): (found: TrailRecord) => boolean {
  const since = timeOf(line, "since");
  const until = timeOf(line, "until");
  const wanted = FILTER_OPTIONS.flatMap((name) => {
    const value = line.text(name);
    return value === undefined || name === "since" || name === "until" ? [] : [{ name, value }];
  });
  return ({ record }) => {
    const at = BigInt(record.at_ns);
    if ((since !== undefined && at < since) || (until !== undefined && at >= until)) return false;
    return wanted.every(({ name, value }) => TESTS[name](record, value));
  };
}

type Test = (record: AuditRecord, value: string) => boolean;

/** A test of decisions alone. */
function ofDecision(test: (record: Extract<AuditRecord, { type: "decision" }>, value: string) => boolean): Test {
  return (record, value) => record.type === "decision" && test(record, value);
}

const TESTS: Readonly<Record<Exclude<(typeof FILTER_OPTIONS)[number], "since" | "until">, Test>> = {
  type: ({ type }, value) => type === value,
  outcome: (record, value) =>
    record.type === "decision"
      ? record.decision.outcome === value
      : record.type === "outcome" && record.result === value,
  subject: ofDecision(({ input }, value) => matchesSubject(value, input.message.subject)),
  rule: ofDecision(({ decision }, value) => decision.rule_ids.includes(value)),
  principal: ofDecision(({ input }, value) => input.principal.id === value),
  tenant: ofDecision(({ input }, value) => input.principal.tenant === value),
  connection: ({ origin }, value) => origin.connection === value,
  id: (record, value) => idsOf(record).includes(value),
};

function idsOf(record: AuditRecord): readonly string[] {
  switch (record.type) {
    case "decision":
      return [record.record_id, record.decision.decision_id, record.approval?.hold_id ?? record.record_id];
    case "outcome":
      return [record.record_id, record.decision_id];
    case "approval":
      return [record.record_id, record.hold_id];
    case "violation":
    case "lifecycle":
      return [record.record_id];
  }
}

const NS_PER_MS = 1_000_000n;

/** Nanoseconds since 1970, or a date and time as RFC 3339 has them. */
function timeOf(line: CommandLine, name: string): bigint | undefined {
  const text = line.text(name);
  if (text === undefined) return undefined;
  if (/^\d{10,19}$/.test(text)) return BigInt(text);
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new CliError("cli.usage", `--${name} wants a time such as 2026-01-31T12:00:00Z`);
  return BigInt(ms) * NS_PER_MS;
}
