import { createHmac } from "node:crypto";
import {
  canonicalJson,
  matchesPointer,
  matchesSubject,
  parsePointer,
  type AuditRecord,
  type DecisionRecord,
  type JsonObject,
  type JsonValue,
} from "@cortexos/protocol";
import { AuditError } from "./audit-error.ts";

/** Shortest key for redaction, in bytes. */
export const REDACTION_KEY_BYTES_MIN = 32;

/** What must not be in any record. */
export interface RedactionRule {
  /** Subject filter: `*` and `>` as in NATS. */
  readonly subjects: string;
  /** RFC 6901 pointers under the payload; `*` stands for any one segment. */
  readonly pointers: readonly string[];
  /** Names of headers, in any case. */
  readonly headers: readonly string[];
}

/** Takes out of a record what its rules name; a record without any of that is given back as it is. */
export type Redact = (record: AuditRecord) => AuditRecord;

/**
 * Creates a redactor. In the place of each value is `hmac-sha256:<hex>` of its canonical JSON: equal values can be found again, and nobody without the key can try
 * out a guessable one. The record says which pointers were redacted; its decision can't be computed again.
 *
 * What it can't hide: `payload_sha256`, `frame_sha256` and the decision's digests are those of the message as it was. Whoever knows all the rest of a message may try out a guessable
 * value on them; keep such values out of messages, or the records of their subjects to whom may see them.
 *
 * @throws AuditError `audit.redaction`.
 */
export function createRedactor(rules: readonly RedactionRule[], key: Uint8Array): Redact {
  if (key.length < REDACTION_KEY_BYTES_MIN) {
    throw new AuditError("audit.redaction", `the key has ${key.length} bytes, and needs ${REDACTION_KEY_BYTES_MIN}`);
  }
  const read = rules.map((rule) => readRule(rule));
  const digest = (value: JsonValue): string =>
    `hmac-sha256:${createHmac("sha256", key).update(canonicalJson(value)).digest("hex")}`;
  return (record) => {
    if (record.type !== "decision") return record;
    const { subject } = record.input.message;
    const own = read.filter(({ subjects }) => matchesSubject(subjects, subject));
    return own.length === 0 ? record : redactDecision(record, own, digest);
  };
}

interface ReadRule {
  readonly subjects: string;
  readonly patterns: readonly (readonly string[])[];
  readonly headers: readonly string[];
}

type Digest = (value: JsonValue) => string;

function readRule({ headers, pointers, subjects }: RedactionRule): ReadRule {
  const patterns = pointers.map((pointer) => {
    const segments = parsePointer(pointer);
    if (segments !== undefined) return segments;
    throw new AuditError("audit.redaction", `not a pointer: \`${pointer.slice(0, 64)}\``);
  });
  return { subjects, patterns, headers: headers.map((header) => header.toLowerCase()) };
}

function redactDecision(record: DecisionRecord, rules: readonly ReadRule[], digest: Digest): DecisionRecord {
  const redactions = new Set<string>();
  const patterns = rules.flatMap((rule) => rule.patterns);
  const { action, message } = record.input;
  const redactIn = (value: JsonValue): JsonValue => redactValue(value, [], { patterns, digest, redactions });
  const payload = redactIn(message.payload);
  const headers = redactHeaders(message.headers, new Set(rules.flatMap((rule) => rule.headers)), digest);
  const changed = action === undefined ? undefined : redactIn({ tool: action.tool, args: action.args });
  for (const name of headers.names) redactions.add(`header ${name}`);
  if (redactions.size === 0) return record;
  return {
    ...record,
    input: {
      ...record.input,
      message: { ...message, payload, headers: headers.headers },
      ...(action !== undefined && { action: asAction(action, changed) }),
    },
    redactions: [...redactions].sort(),
  };
}

interface Walk {
  readonly patterns: readonly (readonly string[])[];
  readonly digest: Digest;
  readonly redactions: Set<string>;
}

function redactValue(value: JsonValue, path: readonly string[], walk: Walk): JsonValue {
  const { digest, patterns, redactions } = walk;
  if (patterns.some((pattern) => matchesPointer(pattern, path))) {
    redactions.add(path.map((part) => `/${part.replaceAll("~", "~0").replaceAll("/", "~1")}`).join(""));
    return digest(value);
  }
  // No pattern reaches further down.
  if (!patterns.some((pattern) => pattern.length > path.length)) return value;
  if (isList(value)) return value.map((item, i) => redactValue(item, [...path, String(i)], walk));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, redactValue(item, [...path, name], walk)]),
  );
}

function redactHeaders(
  headers: DecisionRecord["input"]["message"]["headers"],
  wanted: ReadonlySet<string>,
  digest: Digest,
): { readonly headers: DecisionRecord["input"]["message"]["headers"]; readonly names: readonly string[] } {
  const names = Object.keys(headers).filter((name) => wanted.has(name.toLowerCase()));
  if (names.length === 0) return { headers, names };
  const redacted = Object.entries(headers).map(
    ([name, values]) => [name, wanted.has(name.toLowerCase()) ? values.map(digest) : values] as const,
  );
  return { headers: Object.fromEntries(redacted), names };
}

/** A tool call whose name or arguments were redacted as a whole keeps its shape. */
function asAction(
  action: NonNullable<DecisionRecord["input"]["action"]>,
  changed: JsonValue | undefined,
): NonNullable<DecisionRecord["input"]["action"]> {
  if (!isObject(changed)) return { tool: "", args: {} };
  const { args, tool } = changed;
  return { tool: typeof tool === "string" ? tool : action.tool, args: isObject(args) ? args : {} };
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
