import { matchesSubject, type AuditRecord } from "@cortexos/protocol";
import { createAdminRoutes } from "./admin/admin-routes.ts";
import { createAdminServer } from "./admin/admin-server.ts";
import { readApprovers } from "./admin/approver-tokens.ts";
import type { PartState } from "./admin/readiness.ts";
import { timers } from "./clock.ts";
import type { SidecarLimits } from "./config/limits.ts";
import type { ListenerConfig, SidecarConfig } from "./config/sidecar-config.ts";
import { addressText, listen, openListener, realAddress, type Listener } from "./connection/listener.ts";
import { callerOf } from "./connection/client-caller.ts";
import { createProxy, type Proxy, type ProxyParts } from "./connection/proxy.ts";
import { openCore, type Core } from "./core.ts";
import { createDecisionLog } from "./decision-log.ts";
import { createLogger, type Logger } from "./logger.ts";
import { openUpstream, type Upstream } from "./upstream/open-upstream.ts";

/** A running sidecar. */
export interface Sidecar {
  /** Where the first listener listens: `host:port`, or `unix:/path`. */
  readonly address: string;
  /** All of them, with their real ports. */
  readonly listeners: readonly ListenerConfig[];
  /** Where the admin API listens: `host:port`. */
  readonly adminAddress: string;
  /** The state of each part, as `/readyz` tells it. */
  readiness(): Readonly<Record<string, PartState>>;
  /** The latest records, oldest first, where they are kept in memory; none otherwise. */
  recentRecords(): readonly AuditRecord[];
  /** Loads the bundle and the certificates again; what is refused leaves the last good one in place. Never rejects. */
  reload(): Promise<void>;
  /** Stops accepting, finishes what is queued (at most `limits.drainMs`), writes the last records. Safe to repeat. */
  stop(): Promise<void>;
}

/** What a caller may bring. */
export interface SidecarDeps {
  /** Standard output at the configured level unless given. */
  readonly log?: Logger;
}

/**
 * Starts a sidecar. It listens when this resolves; whether it is ready is another question: without a bundle, a record sink or an upstream it
 * runs, and releases nothing.
 *
 * @throws SidecarError for an address that can't be bound, a secret or key that can't be read, or a record file that can't be written.
 */
export async function startSidecar(config: SidecarConfig, deps: SidecarDeps = {}): Promise<Sidecar> {
  const log = deps.log ?? createLogger(config.log.level);
  const findApprover = readApprovers(config.admin.approvers);
  const upstream = openUpstream(config.upstream, { limits: config.limits, log });
  const core = await openCore(config, log, {
    waitingCount: () => proxy.waitingCount(),
    keptBytes: () => proxy.keptBytes(),
  }).catch((reason: unknown) => {
    upstream.close();
    throw reason;
  });
  const proxy = createProxy(proxyParts(config, core, { log, upstream }));
  const readParts = (): Readonly<Record<string, PartState>> => ({
    bundle: core.policy.state(),
    records: core.records.state(),
    stores: core.stores.state(),
    upstream: core.own.state(),
  });
  const routes = createAdminRoutes({ approvals: core.gate.approvals, findApprover, readParts, metrics: core.metrics });
  const admin = createAdminServer(routes, log);
  const opened: Listener[] = [];
  const release = async (): Promise<void> => {
    for (const listener of opened) listener.close();
    await proxy.stop(config.limits.drainMs);
    upstream.close();
    core.events.lifecycle("stop", config.name);
    await core.close();
    admin.close();
    admin.closeAllConnections();
  };
  try {
    await listen(admin, { kind: "tcp", host: config.admin.host, port: config.admin.port });
    for (const listener of config.listeners)
      opened.push(await openFor(listener, { proxy, limits: config.limits, log }));
  } catch (reason) {
    await release();
    throw reason;
  }
  core.events.lifecycle("start", config.name);
  let stopped: Promise<void> | undefined;
  const listeners = opened.map(({ address }) => address);
  const [first] = listeners;
  return {
    address: first === undefined ? "" : addressText(first),
    listeners,
    adminAddress: addressText(realAddress(admin, { kind: "tcp", host: config.admin.host, port: config.admin.port })),
    readiness: readParts,
    recentRecords: () => core.records.recent(),
    reload: async () => {
      upstream.reload();
      for (const listener of opened) listener.reload();
      await core.policy.reload();
    },
    stop: async () => {
      stopped ??= release();
      await stopped;
    },
  };
}

async function openFor(
  config: ListenerConfig,
  { proxy, limits, log }: { readonly proxy: Proxy; readonly limits: SidecarLimits; readonly log: Logger },
): Promise<Listener> {
  return openListener(config, {
    highWaterMark: limits.socketBytesHigh,
    handshakeMs: limits.clientConnectMs,
    log,
    onClient: (client, address) => {
      proxy.accept(client, address);
    },
  });
}

interface ProxyChoices {
  readonly log: Logger;
  readonly upstream: Upstream;
}

function proxyParts(config: SidecarConfig, core: Core, { log, upstream }: ProxyChoices): ProxyParts {
  const { limits } = config;
  const { dialer, credentials, proxyProof } = upstream;
  const decisions = createDecisionLog(log, () => performance.now());
  return {
    gate: core.gate,
    timers,
    limits,
    metrics: core.metrics,
    log,
    callerOf: (client, listener) => callerOf(client, listener, config.caller),
    dialer,
    ...(credentials !== undefined && { credentials }),
    ...(proxyProof !== undefined && { proxyProof }),
    isStrictlyOrdered: (subject) => {
      const patterns = core.policy.current()?.manifest.strict_order ?? [];
      return patterns.some((pattern) => matchesSubject(pattern, subject));
    },
    releaseHeld: (held) => {
      core.releaseHeld(held);
    },
    decided: (message, decision, context) => {
      core.metrics.decided(decision, context.tookMs / 1_000);
      decisions.decided(message.subject, decision, context);
    },
    violated: (connectionId, fault) => {
      core.events.violated(connectionId, fault);
    },
  };
}
