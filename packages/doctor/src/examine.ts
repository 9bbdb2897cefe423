import { examineConfig } from "./examine-config.ts";
import { examineServer } from "./examine-server.ts";
import { examineStreams, type AuditTarget } from "./examine-streams.ts";
import { numberOf, textOf, type Fields } from "./fields.ts";
import { SEVERITIES, type DeploymentFinding } from "./finding.ts";
import type { ConfigMap } from "./nats-config.ts";

/** What an examination is made of. */
export interface Deployment {
  /** `/varz` of the server's monitoring. */
  readonly varz: Fields;
  /** `/jsz` with accounts, streams and their configuration. */
  readonly jsz: Fields;
  /** The server's configuration; without it nobody can say which users are bound to the gate. */
  readonly config?: ConfigMap;
  /** Users that are nobody's agent. */
  readonly ownUsers: readonly string[];
  /** Where records go; absent where that isn't JetStream. */
  readonly audit?: AuditTarget;
}

/** What was found, worst first, and the server's own limits. */
export interface Report {
  readonly findings: readonly DeploymentFinding[];
  readonly server: ServerFacts;
}

/** A server as it says it is. */
export interface ServerFacts {
  readonly name: string;
  readonly version: string;
  readonly payloadBytesMax: number;
  readonly controlLineBytesMax: number;
  readonly pendingBytesMax: number;
  readonly connectionsMax: number;
  readonly writeDeadlineMs: number;
  readonly authenticationSeconds: number;
}

/** Looks for every way around the gate, and for what could lose a record. Pure. */
export function examine({ audit, config, jsz, ownUsers, varz }: Deployment): Report {
  const users = config === undefined ? undefined : examineConfig(config, ownUsers);
  const findings = [
    ...(users?.findings ?? [UNREAD_CONFIG]),
    ...examineServer(varz, users?.usersAreBound),
    ...examineStreams(jsz, audit),
  ];
  const rank = (finding: DeploymentFinding): number => SEVERITIES.indexOf(finding.severity);
  return { findings: findings.sort((a, b) => rank(a) - rank(b)), server: serverFacts(varz) };
}

const UNREAD_CONFIG: DeploymentFinding = {
  id: "config.unread",
  severity: "unknown",
  what: "without the server's configuration nobody can say which users may connect without the gate",
  mend: "Give the file with --config.",
};

function serverFacts(varz: Fields): ServerFacts {
  return {
    name: textOf(varz, "server_name"),
    version: textOf(varz, "version"),
    payloadBytesMax: numberOf(varz, "max_payload"),
    controlLineBytesMax: numberOf(varz, "max_control_line"),
    pendingBytesMax: numberOf(varz, "max_pending"),
    connectionsMax: numberOf(varz, "max_connections"),
    writeDeadlineMs: numberOf(varz, "write_deadline") / NS_PER_MS,
    authenticationSeconds: numberOf(varz, "auth_timeout"),
  };
}

const NS_PER_MS = 1e6;

/** Whether a report has something that must be mended before agents are let near the bus. */
export function hasFault({ findings }: Report): boolean {
  return findings.some(({ severity }) => severity === "bypass" || severity === "loss");
}
