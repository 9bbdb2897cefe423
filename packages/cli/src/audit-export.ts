import {
  auditEvent,
  CSV_HEADER,
  csvEvent,
  encodeAuditEvent,
  opaDecisionLog,
  otelLog,
  type TrailRecord,
} from "@cortexos/audit";
import { createFilter, FILTER_OPTIONS, FILTER_USAGE } from "./audit-filter.ts";
import { readTrail } from "./audit-lines.ts";
import { CliError } from "./cli-error.ts";
import { onePositional } from "./command-line.ts";
import { EXIT_CODES } from "./subcommand.ts";
import type { Verb } from "./verb.ts";

/** How a format begins, and what it makes of a record: nothing where it has no place for it. */
interface ExportFormat {
  readonly header: string;
  line(found: TrailRecord): string;
}

const FORMATS = {
  records: { header: "", line: ({ line }) => `${line}\n` },
  events: { header: "", line: ({ record, seal }) => `${JSON.stringify(auditEvent(record, seal))}\n` },
  csv: { header: CSV_HEADER, line: ({ record, seal }) => csvEvent(auditEvent(record, seal)) },
  otel: {
    header: "",
    line: ({ record, seal }) => `${JSON.stringify(otelLog(auditEvent(record, seal), record.at_ns))}\n`,
  },
  protobuf: {
    header: "",
    line: ({ record, seal }) => `${Buffer.from(encodeAuditEvent(auditEvent(record, seal))).toString("base64")}\n`,
  },
  opa: {
    header: "",
    line: ({ record }) => (record.type === "decision" ? `${JSON.stringify(opaDecisionLog(record))}\n` : ""),
  },
} as const satisfies Readonly<Record<string, ExportFormat>>;

/** `cortexos audit export`. */
export const auditExport: Verb = {
  name: "export",
  usage: `audit export <records.jsonl> --format <${Object.keys(FORMATS).join(" | ")}> ${FILTER_USAGE}`,
  summary:
    "print the records that are asked for in another form, sealed ones alone: events without payload, CSV, OpenTelemetry logs (OTLP JSON lines), Protobuf (cortexos.v1.AuditEvent in base64), OPA's decision logs",
  shape: { texts: ["format", ...FILTER_OPTIONS], flags: [] },
  async run(line, io) {
    const path = onePositional(line, undefined, "file with records");
    const format = formatOf(line.text("format"));
    const isWanted = createFilter(line);
    if (format.header !== "") io.out(format.header);
    for await (const found of readTrail(io.cwd, path)) {
      if (found.seal === undefined || !isWanted(found)) continue;
      const text = format.line(found);
      if (text !== "") io.out(text);
    }
    return EXIT_CODES.ok;
  },
};

function formatOf(name: string | undefined): ExportFormat {
  const format = Object.entries(FORMATS).find(([known]) => known === name);
  if (format !== undefined) return format[1];
  throw new CliError("cli.usage", `--format wants one of ${Object.keys(FORMATS).join(", ")}`);
}
