import { describe, expect, it } from "vitest";
import type { AuditRecord } from "@cortexos/protocol";
import { auditEvent, timeText } from "./audit-event.ts";
import { CSV_HEADER, csvEvent } from "./csv-event.ts";
import { opaDecisionLog } from "./opa-decision-log.ts";
import { otelLog } from "./otel-log.ts";
import { sampleRecord } from "./testing/sample-record.ts";

const HEAD = {
  schema: "cortexos.record/1",
  record_id: "w/1/9",
  at_ns: "1",
  origin: { writer: "w", connection: "c" },
} as const;
const SEAL = {
  schema: "cortexos.seal/1",
  writer: "w",
  epoch: 2,
  seq: 3,
  count: 1,
  prev: "",
  hash: `sha256:${"0".repeat(64)}`,
} as const;

describe("auditEvent", () => {
  it("says who did what, when, whence, to what, by which policy, with what end, and where it is in the chain", () => {
    const approval = { hold_id: "h", approved_by: ["ada"] };
    expect(auditEvent(sampleRecord({}, { approval }), SEAL)).toEqual({
      event: { id: "w/1/7", type: "decision" },
      ts: "2023-11-14T22:13:20.123456789Z",
      clock_source: "system",
      actor: {
        agent_id: "agent-7",
        kind: "agent",
        tenant: "acme",
        roles: ["OPERATOR"],
        authenticated_by: "config",
        session: "c-1",
      },
      decision: { id: "ab".repeat(16), outcome: "ALLOW", reason: "fine" },
      reason_codes: ["demo.ok"],
      outcome: "released",
      origin: { writer: "w", connection: "c-1", source: "sidecar" },
      resource: { subject: "work.a", reply: "", tool: "pay", tenant: "acme", environment: "prod" },
      policy: { bundle_digest: "sha256:b", engine: "rego/1", rule_ids: ["demo.ok"] },
      approval: { id: "h", approvers: ["ada"], shown_sha256: `sha256:${"f".repeat(64)}` },
      payload_sha256: "00",
      frame_sha256: `sha256:${"f".repeat(64)}`,
      is_modified: false,
      message_count: 1,
      redactions: [],
      is_omitted: false,
      chain: { writer: "w", epoch: 2, seq: 3, prev: "", hash: SEAL.hash },
    });
  });

  it("has no payload", () => {
    expect(JSON.stringify(auditEvent(sampleRecord()))).not.toContain("4111");
  });

  it.each<[AuditRecord, object]>([
    [
      { ...HEAD, type: "outcome", decision_id: "d", result: "failed" },
      { outcome: "failed", decision: { id: "d" } },
    ],
    [
      { ...HEAD, type: "approval", hold_id: "h", verdict: "deny", by: "ada" },
      { outcome: "denied", approval: { id: "h", approvers: ["ada"] } },
    ],
    [
      { ...HEAD, type: "approval", hold_id: "h", verdict: "expire", by: "" },
      { outcome: "expired", approval: { approvers: [] } },
    ],
    [
      { ...HEAD, type: "violation", code: "wire.x", reason: "r" },
      { outcome: "refused", reason_codes: ["wire.x"], detail: "r" },
    ],
    [
      { ...HEAD, type: "lifecycle", event: "start", detail: "s" },
      { outcome: "none", reason_codes: ["start"], detail: "s" },
    ],
  ])("tells of every type of record", (record, event) => {
    expect(auditEvent(record)).toMatchObject({ ...event, ts: "1970-01-01T00:00:00.000000001Z", message_count: 0 });
  });
});

describe("timeText", () => {
  it("keeps every nanosecond", () => {
    expect(timeText("1700000000000000001")).toBe("2023-11-14T22:13:20.000000001Z");
    expect(timeText("1699999999999999999")).toBe("2023-11-14T22:13:19.999999999Z");
  });
});

describe("csvEvent", () => {
  it("has as many cells as the header, and quotes what needs it", () => {
    const line = csvEvent(auditEvent(sampleRecord({ subject: 'a,"b"' })));
    expect(line).toContain(',"a,""b""",');
    expect(line.endsWith("\r\n")).toBe(true);
    const plain = csvEvent(auditEvent(sampleRecord()));
    expect(plain.split(",")).toHaveLength(CSV_HEADER.split(",").length);
  });

  it("gives a spreadsheet no formula to run", () => {
    for (const subject of ["=1+1", "+1", "-1", "@x"]) {
      expect(csvEvent(auditEvent(sampleRecord({ subject })))).toContain(`,'${subject},`);
    }
  });
});

describe("otelLog", () => {
  it("is one OTLP request with one log record, its integers as texts", () => {
    const { resourceLogs } = otelLog(auditEvent(sampleRecord({}, { run: { count: 7, bytes: 100 } })), "1700");
    const [{ scopeLogs }] = resourceLogs;
    const [record] = scopeLogs[0].logRecords;
    expect(record).toMatchObject({
      timeUnixNano: "1700",
      severityText: "INFO",
      eventName: "cortexos.audit.decision",
      body: { stringValue: "fine" },
    });
    const attributes = new Map(record.attributes.map(({ key, value }) => [key, value]));
    expect(attributes.get("cortexos.actor.agent_id")).toEqual({ stringValue: "agent-7" });
    expect(attributes.get("cortexos.message_count")).toEqual({ intValue: "7" });
    expect(attributes.get("cortexos.reason_codes")).toEqual({ arrayValue: { values: [{ stringValue: "demo.ok" }] } });
    expect(attributes.get("cortexos.is_modified")).toEqual({ boolValue: false });
  });
});

describe("opaDecisionLog", () => {
  it("has what OPA's decision logs have", () => {
    const record = sampleRecord();
    expect(opaDecisionLog(record)).toEqual({
      labels: { id: "w", engine: "rego/1" },
      decision_id: "ab".repeat(16),
      bundles: { cortexos: { revision: "sha256:b" } },
      path: "cortexos/main/findings",
      input: record.input,
      result: record.decision,
      requested_by: "agent-7",
      timestamp: "2023-11-14T22:13:20.123456789Z",
      metrics: { timer_server_handler_ns: 1 },
    });
  });

  it("names what was left out and what was redacted", () => {
    const omitted = { payload: "sha256:p", action: "sha256:a" };
    expect(opaDecisionLog(sampleRecord({}, { omitted }))).toMatchObject({
      erased: ["/input/message/payload", "/input/action"],
    });
    expect(opaDecisionLog(sampleRecord({}, { redactions: ["/args/card", "header x"] }))).toMatchObject({
      masked: ["/input/message/payload/args/card", "/input/action/args/card", "/input/message/headers/x"],
    });
  });
});
