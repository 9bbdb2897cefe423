import type { GateResult, Hold } from "@cortexos/kernel";
import type { JsonObject, Principal } from "@cortexos/protocol";
import { safeText } from "./safe-text.ts";

/** A held message in a list: enough to know which one to look at. */
export function summariseHold(hold: Hold): JsonObject {
  const { decision } = hold;
  return {
    id: hold.id,
    status: hold.status,
    subject: safeText(hold.message.subject),
    rule_ids: decision.rule_ids.map(safeText),
    reason: safeText(decision.reason),
    requester: safeText(hold.requester.id),
    tenant: safeText(hold.requester.tenant),
    approvers: safeText(decision.hold?.approvers ?? ""),
    quorum: decision.hold?.quorum ?? 1,
    approval_count: hold.approvals.length,
    frame_sha256: hold.frameSha256,
    held_at: timeText(decision.evaluated_at),
    expires_at: timeText(decision.hold?.expires_at_ns ?? "0"),
  };
}

/** Everything an approver must see: what would be released, byte for byte, and why it is held. */
export function showHold(hold: Hold): JsonObject {
  const { message, decision } = hold;
  return {
    ...summariseHold(hold),
    bundle_digest: decision.bundle_digest,
    input_digest: decision.input_digest,
    requested_by: showPrincipal(hold.requester),
    reply: safeText(message.reply),
    headers: message.headers.map(([name, value]) => [safeText(name), safeText(value)]),
    payload: showPayload(message.payload),
    approvals: hold.approvals.map(({ by, atNs }) => ({ by: safeText(by), at: timeText(atNs) })),
  };
}

/** What became of a hold that has ended: an approved message is decided again before it is released. */
export function showResult(result: GateResult | undefined): JsonObject {
  if (result === undefined) return {};
  const { decision } = result;
  const ended = { kind: result.kind, rule_ids: decision.rule_ids.map(safeText), reason: safeText(decision.reason) };
  return { result: ended };
}

function showPrincipal(principal: Principal): JsonObject {
  return {
    id: safeText(principal.id),
    kind: principal.kind,
    roles: principal.roles.map(safeText),
    tenant: safeText(principal.tenant),
  };
}

/** All of it: nobody may approve what he can't see. */
function showPayload(payload: Uint8Array): JsonObject {
  const text = decodeUtf8(payload);
  const shown = text === undefined ? { base64: Buffer.from(payload).toString("base64") } : { text: safeText(text) };
  return { size_bytes: payload.length, ...shown };
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined; // Not text: shown as base64.
  }
}

function timeText(ns: string): string {
  return new Date(Number(BigInt(ns) / 1_000_000n)).toISOString();
}
