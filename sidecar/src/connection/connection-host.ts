import type { ConnectVerdict, ProxyHost, WireFault } from "@cortexos/wire";
import type { ClientRate } from "./client-rate.ts";
import type { ConnectionParts } from "./connection.ts";
import type { Decider } from "./decider.ts";
import type { Phases } from "./phases.ts";
import type { Sides } from "./sides.ts";

export interface HostParts extends Omit<ConnectionParts, "violated"> {
  readonly sides: Sides;
  readonly decider: Decider;
  readonly phases: Phases;
  readonly rate: ClientRate;
  /** Whether the client is somebody. */
  identify(): boolean;
  violated(fault: WireFault): void;
  close(): void;
}

/** What a session's effects are: on sockets, metrics, log and records. */
export function createHost(parts: HostParts): ProxyHost {
  const { sides, decider, phases, limits, metrics, log } = parts;
  return {
    decide: (message) => {
      phases.acted();
      return decider.decide(message);
    },
    standing: (subject) => decider.standing(subject),
    writeUpstream: (bytes) => {
      metrics.bytes("client_to_upstream", bytes.length);
      sides.upstream.write(bytes);
      phases.acted();
    },
    writeClient: (bytes) => {
      metrics.bytes("upstream_to_client", bytes.length);
      sides.client.write(bytes);
      // A client that is told much and reads nothing is not listened to.
      if (sides.client.backlogBytes() > limits.clientBacklogBytesMax) sides.client.reading.set("backlog", true);
    },
    setClientPaused: (paused) => {
      sides.client.reading.set("queue", paused);
    },
    operated: () => {
      parts.rate.operated();
    },
    serverInfo: () => {
      phases.greeted();
    },
    connect: ({ lang, version }, { nonce }) => {
      phases.connected();
      log.debug({ lang, version }, "the client said who it is");
      if (!parts.identify()) return { kind: "refuse", reason: "the client is mapped to no caller" };
      return connectVerdict(parts, nonce);
    },
    refused: ({ subject }, { ruleId }) => {
      metrics.fault(ruleId);
      if (parts.lines.take()) log.info({ subject, rule: ruleId }, "a message can't be published");
    },
    close: (fault) => {
      if (fault !== undefined) parts.violated(fault);
      parts.close();
    },
  };
}

/** A client's own credentials pass through unless the sidecar has some; the proof is always the sidecar's. */
function connectVerdict({ credentials, proxyProof }: HostParts, nonce: string | undefined): ConnectVerdict {
  const shown = credentials !== undefined && { credentials: credentials(nonce) };
  if (proxyProof === undefined) return { kind: "accept", ...shown };
  if (nonce === undefined) return { kind: "refuse", reason: "the server gave no nonce to sign" };
  return { kind: "accept", ...shown, proxySignature: proxyProof(nonce) };
}
