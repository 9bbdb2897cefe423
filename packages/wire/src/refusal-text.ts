import { Buffer } from "node:buffer";
import type { HeaderField } from "@cortexos/protocol";
import { ERR_TEXT_BYTES_MAX, REFUSAL_REASON_CHARS_MAX } from "./limits.ts";
import type { PublishRefusal } from "./session-types.ts";

const ID_CHARS_MAX = 64;

/** 10167 is nats-server's own "too many requests"; codes must fit 16 bits and stay clear of JetStream's 10000 to 10227. */
const TERMS = {
  403: { cause: "policy denied", errCode: 44_003 },
  428: { cause: "awaiting approval", errCode: 44_028 },
  429: { cause: "rate limited", errCode: 10_167 },
} as const;

/**
 * The text of an `-ERR` for a refused publish. Three clients close the connection on any text that doesn't begin with `Permissions Violation`, and
 * find the subject between the double quotes.
 *
 * @returns at most {@link ERR_TEXT_BYTES_MAX} bytes of ASCII without single quotes; a long subject is cut.
 */
export function refusalErrorText(subject: string, refusal: PublishRefusal): string {
  const { status, ruleId, decisionId } = refusal;
  const before = 'Permissions Violation for Publish to "';
  const after = `": ${TERMS[status].cause} rule=${toId(ruleId)} id=${toId(decisionId)}${retryText(refusal)}`;
  const room = ERR_TEXT_BYTES_MAX - before.length - after.length;
  return `${before}${toAscii(subject, room).replaceAll(" ", "_")}${after}`;
}

/** A publish without a reply has no `Retry-After` header: its time goes into the text. */
function retryText({ status, retryAfterMs }: PublishRefusal): string {
  return status === 429 ? ` retry_after_ms=${Math.max(1, Math.ceil(retryAfterMs ?? 0))}` : "";
}

/** The error reply that every client reads: service headers (ADR-32) and a JetStream API error as body. */
export interface RefusalReply {
  readonly headers: readonly HeaderField[];
  readonly payload: Uint8Array;
}

export function refusalReply(refusal: PublishRefusal): RefusalReply {
  const { status, decisionId, ruleId, reason, retryAfterMs } = refusal;
  const { cause, errCode } = TERMS[status];
  const description = `${cause}: ${toId(ruleId)}`;
  const headers: HeaderField[] = [
    ["Nats-Service-Error-Code", String(status)],
    ["Nats-Service-Error", description],
    ["Cortexos-Decision-Id", toId(decisionId)],
  ];
  const safeReason = toAscii(reason, REFUSAL_REASON_CHARS_MAX).trim();
  if (safeReason !== "") headers.push(["Cortexos-Reason", safeReason]);
  if (status === 429) headers.push(["Retry-After", String(Math.max(1, Math.ceil((retryAfterMs ?? 0) / 1_000)))]);
  const error = { code: status, err_code: errCode, description: `${description} (decision ${toId(decisionId)})` };
  return { headers, payload: Buffer.from(JSON.stringify({ error, stream: "", seq: 0 }), "utf8") };
}

function toId(text: string): string {
  return toAscii(text, ID_CHARS_MAX).replaceAll(" ", "_") || "-";
}

/** Printable ASCII without quotes; anything else is shown as an underscore, so that nothing can end a line or a quotation. */
function toAscii(text: string, charsMax: number): string {
  return text.slice(0, Math.max(0, charsMax)).replace(/[^ !#-&(-~]/g, "_");
}
