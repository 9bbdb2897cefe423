import { AuditEvent as AuditEventMessage } from "@cortexos/protocol";
import { describe, expect, it } from "vitest";
import { auditEvent } from "./audit-event.ts";
import { encodeAuditEvent } from "./protobuf-event.ts";
import { sampleRecord } from "./testing/sample-record.ts";

describe("encodeAuditEvent", () => {
  it("says what the JSON view says, field for field", () => {
    const hash = `sha256:${"0".repeat(64)}`;
    const seal = { schema: "cortexos.seal/1", writer: "w", epoch: 2, seq: 3, count: 1, prev: "", hash } as const;
    const approval = { hold_id: "h", approved_by: ["ada"] };
    const event = auditEvent(sampleRecord({}, { approval, redactions: ["/a"] }), seal);
    const { clock_source: _clock, event: head, ...rest } = event;
    const decoded = AuditEventMessage.decode(encodeAuditEvent(event));
    expect(decoded).toEqual({ ...rest, ...head, detail: "", actor: { ...rest.actor, on_behalf_of: "" } });
  });

  it("leaves out what isn't there", () => {
    const event = auditEvent({
      schema: "cortexos.record/1",
      record_id: "w/1/1",
      at_ns: "1",
      origin: { writer: "w", connection: "" },
      type: "lifecycle",
      event: "start",
      detail: "s",
    });
    const decoded = AuditEventMessage.decode(encodeAuditEvent(event));
    expect(decoded).toMatchObject({
      type: "lifecycle",
      detail: "s",
      actor: undefined,
      chain: undefined,
      policy: undefined,
    });
  });
});
