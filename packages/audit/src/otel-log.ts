import type { AuditEvent } from "./audit-event.ts";

/** A value as OTLP writes it in JSON. */
type AnyValue =
  | { readonly stringValue: string }
  | { readonly intValue: string }
  | { readonly boolValue: boolean }
  | { readonly arrayValue: { readonly values: readonly AnyValue[] } };

interface Attribute {
  readonly key: string;
  readonly value: AnyValue;
}

/** One `ExportLogsServiceRequest` of OTLP in JSON, with one log record: a line that the OpenTelemetry Collector's `otlpjsonfile` receiver reads. */
export interface OtelLogLine {
  readonly resourceLogs: readonly [
    {
      readonly resource: { readonly attributes: readonly Attribute[] };
      readonly scopeLogs: readonly [
        { readonly scope: { readonly name: string }; readonly logRecords: readonly [OtelLogRecord] },
      ];
    },
  ];
}

interface OtelLogRecord {
  readonly timeUnixNano: string;
  readonly observedTimeUnixNano: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly eventName: string;
  readonly body: AnyValue;
  readonly attributes: readonly Attribute[];
}

/** @param atNs - the record's time, nanoseconds since 1970. */
export function otelLog(event: AuditEvent, atNs: string): OtelLogLine {
  const isWarning = event.outcome === "refused" || event.outcome === "failed" || event.outcome === "denied";
  const record: OtelLogRecord = {
    timeUnixNano: atNs,
    observedTimeUnixNano: atNs,
    severityNumber: isWarning ? SEVERITY_WARN : SEVERITY_INFO,
    severityText: isWarning ? "WARN" : "INFO",
    eventName: `cortexos.audit.${event.event.type}`,
    body: { stringValue: event.detail ?? event.decision?.reason ?? event.outcome },
    attributes: flatten("cortexos", event),
  };
  const attributes: readonly Attribute[] = [
    { key: "service.name", value: { stringValue: "cortexos" } },
    { key: "service.instance.id", value: { stringValue: event.origin.writer } },
  ];
  const scopeLogs = [{ scope: { name: "cortexos.audit" }, logRecords: [record] }] as const;
  return { resourceLogs: [{ resource: { attributes }, scopeLogs }] };
}

const SEVERITY_INFO = 9;
const SEVERITY_WARN = 13;

/** Members as attributes with dotted names. */
function flatten(prefix: string, value: object): readonly Attribute[] {
  return Object.entries(value).flatMap(([name, member]: [string, unknown]) => {
    const key = `${prefix}.${name}`;
    if (typeof member === "object" && member !== null && !Array.isArray(member)) return flatten(key, member);
    const any = anyValue(member);
    return any === undefined ? [] : [{ key, value: any }];
  });
}

function anyValue(value: unknown): AnyValue | undefined {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number") return { intValue: String(value) };
  if (!Array.isArray(value)) return undefined;
  return { arrayValue: { values: value.flatMap((item: unknown) => anyValue(item) ?? []) } };
}
