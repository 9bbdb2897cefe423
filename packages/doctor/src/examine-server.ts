import { fieldsOf, listOf, numberOf, textOf, type Fields } from "./fields.ts";
import type { DeploymentFinding } from "./finding.ts";

/** Oldest server on which the gate's promises hold: trusted proxies came with 2.12. */
export const SERVER_VERSION_MIN = [2, 12, 0] as const;

/**
 * What `/varz` of a server says about ways around the gate and about durability.
 *
 * @param usersAreBound - every user may only come through a trusted proxy; `undefined` when the configuration couldn't be read.
 */
export function examineServer(varz: Fields, usersAreBound: boolean | undefined): readonly DeploymentFinding[] {
  return [
    ...versionFindings(varz),
    ...authenticationFindings(varz),
    ...listenerFindings(varz, usersAreBound),
    ...durabilityFindings(varz),
    ...monitoringFindings(varz),
  ];
}

function versionFindings(varz: Fields): readonly DeploymentFinding[] {
  const version = textOf(varz, "version");
  const parts = /^(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number);
  if (parts === undefined) {
    return [{ id: "server.version", severity: "unknown", what: `the server's version can't be read: \`${version}\`` }];
  }
  if (isAtLeast(parts, SERVER_VERSION_MIN)) return [];
  const wanted = SERVER_VERSION_MIN.join(".");
  return [
    {
      id: "server.version",
      severity: "bypass",
      what: `nats-server ${version} knows no trusted proxies, so that the gate can't be made the only way in`,
      mend: `Run nats-server ${wanted} or newer.`,
    },
  ];
}

function isAtLeast(parts: readonly number[], wanted: readonly number[]): boolean {
  for (const [i, part] of wanted.entries()) {
    const own = parts[i] ?? 0;
    if (own !== part) return own > part;
  }
  return true;
}

function authenticationFindings(varz: Fields): readonly DeploymentFinding[] {
  const findings: DeploymentFinding[] = [];
  if (varz["auth_required"] !== true) {
    findings.push({
      id: "server.open",
      severity: "bypass",
      what: "the server asks nobody who he is: whoever reaches its port publishes past the gate",
      mend: "Give it users, each with `proxy_required: true`, and remove `no_auth_user`.",
    });
  }
  if (listOf(fieldsOf(varz, "proxies"), "trusted").length === 0) {
    findings.push({
      id: "server.no_trusted_proxy",
      severity: "bypass",
      what: "the server trusts no proxy, so that it can't tell the gate from an agent with the same credentials",
      mend: "Name the sidecar's public nkey in `proxies { trusted = [ { key: U… } ] }` from the server's first start on.",
    });
  }
  return findings;
}

/** Listeners that speak something else than the gate does. */
const LISTENERS = [
  ["websocket", "port", "WebSocket clients"],
  ["mqtt", "port", "MQTT clients"],
  ["leaf", "port", "leaf nodes"],
] as const;

function listenerFindings(varz: Fields, usersAreBound: boolean | undefined): readonly DeploymentFinding[] {
  if (usersAreBound === true) return [];
  return LISTENERS.flatMap(([name, field, who]): readonly DeploymentFinding[] => {
    const port = numberOf(fieldsOf(varz, name), field);
    if (port === 0) return [];
    return [
      {
        id: `listener.${name}`,
        severity: "bypass",
        what: `port ${port} takes ${who}, who publish without the gate`,
        mend: "Close the listener, or give every user `proxy_required: true`.",
      },
    ];
  });
}

function durabilityFindings(varz: Fields): readonly DeploymentFinding[] {
  const jetstream = fieldsOf(varz, "jetstream");
  const config = fieldsOf(jetstream, "config");
  if (textOf(config, "store_dir") === "") {
    return [
      {
        id: "jetstream.off",
        severity: "loss",
        what: "JetStream is off: nothing that is recorded there can be kept",
        mend: "Turn it on with `jetstream { store_dir: … }`.",
      },
    ];
  }
  if (config["sync_always"] === true) return [];
  const seconds = numberOf(config, "sync_interval") / NS_PER_SECOND;
  return [
    {
      id: "jetstream.sync_interval",
      severity: "loss",
      what: `acknowledged records reach the disk only every ${seconds} s: a power cut loses what came since`,
      mend: "Set `jetstream { sync_interval: always }`, or replicate the streams over several failure domains.",
    },
  ];
}

const NS_PER_SECOND = 1e9;

function monitoringFindings(varz: Fields): readonly DeploymentFinding[] {
  const host = textOf(varz, "http_host");
  const port = numberOf(varz, "http_port");
  if (port === 0 || /^(127\.|::1$|localhost$)/.test(host)) return [];
  return [
    {
      id: "monitor.open",
      severity: "notice",
      what: `monitoring on port ${port} tells anyone who asks about users, subjects and streams`,
      mend: "Bind it to loopback with `http: 127.0.0.1:…`.",
    },
  ];
}
