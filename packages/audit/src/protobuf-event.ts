import { AuditEvent as AuditEventMessage } from "@cortexos/protocol";
import type { AuditEvent } from "./audit-event.ts";

/** An event as the Protobuf message `cortexos.v1.AuditEvent` (`cortexos/v1/audit.proto`). What the event doesn't have is absent or empty. */
export function encodeAuditEvent(event: AuditEvent): Uint8Array {
  const { actor, approval, chain, decision, origin, policy, resource } = event;
  const message: AuditEventMessage = {
    id: event.event.id,
    type: event.event.type,
    ts: event.ts,
    actor: actor && { ...actor, roles: [...actor.roles], on_behalf_of: actor.on_behalf_of ?? "" },
    decision,
    reason_codes: [...event.reason_codes],
    outcome: event.outcome,
    origin: { ...origin, source: origin.source ?? "" },
    resource: resource && { ...resource, tool: resource.tool ?? "" },
    policy: policy && { ...policy, rule_ids: [...policy.rule_ids] },
    approval: approval && {
      ...approval,
      approvers: [...approval.approvers],
      shown_sha256: approval.shown_sha256 ?? "",
    },
    payload_sha256: event.payload_sha256 ?? "",
    frame_sha256: event.frame_sha256 ?? "",
    is_modified: event.is_modified,
    message_count: event.message_count,
    redactions: [...event.redactions],
    is_omitted: event.is_omitted,
    detail: event.detail ?? "",
    chain,
  };
  return AuditEventMessage.encode(message).finish();
}
