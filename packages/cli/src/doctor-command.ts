import {
  examine,
  hasFault,
  isDoctorError,
  readMonitor,
  readNatsConfig,
  SEVERITIES,
  type DeploymentFinding,
  type Report,
} from "@cortexos/doctor";
import { canonicalJson } from "@cortexos/protocol";
import { resolve } from "node:path";
import { screenText } from "./approvals-print.ts";
import { CliError } from "./cli-error.ts";
import type { CommandLine } from "./command-line.ts";
import { EXIT_CODES, type CliIo, type Subcommand } from "./subcommand.ts";
import { runVerb, type Verb } from "./verb.ts";

const MONITOR_URL_DEFAULT = "http://127.0.0.1:8222";

const doctor: Verb = {
  name: "doctor",
  usage:
    "doctor [--monitor <url>] [--config <nats-server.conf>] [--own <user>,…] [--audit <stream>:<subject>] [--json]",
  summary:
    "find every way around the gate in a nats-server's monitoring and configuration: none (exit 0), or some, or records that can be lost (3)",
  shape: { texts: ["monitor", "config", "own", "audit"], flags: ["json"] },
  async run(line, io) {
    if (line.positionals.length > 0) throw new CliError("cli.usage", "doctor takes options only");
    const report = await examineNamed(line, io);
    if (line.flag("json")) io.out(`${canonicalJson({ ...report })}\n`);
    else io.out(reportText(report));
    return hasFault(report) ? EXIT_CODES.mismatch : EXIT_CODES.ok;
  },
};

/** `cortexos doctor`. */
export const doctorCommand: Subcommand = {
  name: doctor.name,
  summary: "find every way around the gate, and what could lose a record",
  run: (args, io) => runVerb(doctor, { args, command: doctor.name }, io),
};

async function examineNamed(line: CommandLine, io: CliIo): Promise<Report> {
  const audit = readAudit(line.text("audit"));
  const config = line.text("config");
  try {
    return examine({
      ...(await readMonitor(line.text("monitor") ?? MONITOR_URL_DEFAULT)),
      ...(config === undefined ? {} : { config: readNatsConfig(resolve(io.cwd, config), io.environment) }),
      ...(audit === undefined ? {} : { audit }),
      ownUsers: (line.text("own") ?? "").split(",").filter((name) => name !== ""),
    });
  } catch (reason) {
    if (isDoctorError(reason)) throw new CliError("cli.deployment", reason.message, { cause: reason });
    throw reason;
  }
}

function readAudit(text: string | undefined): { readonly stream: string; readonly subject: string } | undefined {
  if (text === undefined) return undefined;
  const [stream = "", subject = "", ...rest] = text.split(":");
  if (stream !== "" && subject !== "" && rest.length === 0) return { stream, subject };
  throw new CliError("cli.usage", "--audit wants <stream>:<subject>, such as CORTEXOS_AUDIT:sys.audit.event");
}

function reportText({ findings, server }: Report): string {
  const width = Math.max(...SEVERITIES.map((severity) => severity.length));
  const lines = findings.map((finding) => findingText(finding, width)).join("");
  const count = findings.filter(({ severity }) => severity === "bypass").length;
  return (
    `${screenText(server.name)}: nats-server ${screenText(server.version)}; at most ${server.connectionsMax} connections, ` +
    `${server.payloadBytesMax} bytes a payload, ${server.pendingBytesMax} bytes pending, ${server.writeDeadlineMs} ms to write\n` +
    `${lines}${count === 0 ? "no way around the gate was found" : `${count} ${count === 1 ? "way" : "ways"} around the gate`}\n`
  );
}

function findingText({ id, mend, severity, what }: DeploymentFinding, width: number): string {
  const indent = " ".repeat(width + 2);
  return `${severity.padEnd(width)}  ${screenText(what)} (${id})\n${mend === undefined ? "" : `${indent}${mend}\n`}`;
}
