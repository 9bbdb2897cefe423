import { connect, type Authenticator, type NatsConnection, type TlsOptions } from "@nats-io/transport-node";
import { EventEmitter, once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import type { PartState } from "../admin/readiness.ts";
import type { UpstreamConfig } from "../config/sidecar-config.ts";
import type { Logger } from "../logger.ts";
import { reasonText } from "../sidecar-error.ts";
import { readCredentials, readProxyProof, toAuthenticator } from "./authenticator.ts";
import { toAddress } from "./upstream-dialer.ts";

const RETRY_MS = 500;

/** The sidecar's own connection upstream, for records and for held messages. Kept up; away for a while is a state, not an error. */
export interface OwnConnection {
  /** The connection as soon as it is there, at once when it is; rejects when the signal is aborted first. */
  up(signal: AbortSignal): Promise<NatsConnection>;
  /** Resolves with the first connection; rejects when it is closed before. */
  readonly first: Promise<NatsConnection>;
  state(): PartState;
  close(): Promise<void>;
}

/**
 * Begins to connect and returns at once.
 *
 * @throws SidecarError `secret.unreadable`, `secret.invalid` for credentials or a proxy key that can't be had.
 */
export function openOwnConnection(
  upstream: UpstreamConfig,
  { connectMs, log }: { readonly connectMs: number; readonly log: Logger },
): OwnConnection {
  const closing = new AbortController();
  const authenticator = ownAuthenticator(upstream);
  let state: PartState = { ok: false, detail: "connecting" };
  let current: NatsConnection | undefined;
  // As many may wait as there are messages to release.
  const changes = new EventEmitter().setMaxListeners(0);
  const setState = (next: PartState): void => {
    if (next.ok !== state.ok) log.info({ upstream: next.detail }, next.ok ? "upstream is there" : "upstream is away");
    state = next;
    if (next.ok) changes.emit("up");
  };
  const first = connectUntil(async () => connectOnce(upstream, { authenticator, connectMs }), {
    signal: closing.signal,
    failed: (reason) => {
      setState({ ok: false, detail: reasonText(reason) });
    },
  }).then((connection) => {
    current = connection;
    setState({ ok: true, detail: connection.getServer() });
    void followStatus(connection, setState);
    return connection;
  });
  // Whoever waits for it sees the rejection; nobody has to wait.
  first.catch(() => undefined);
  return {
    up: async (signal) => {
      while (!state.ok || current === undefined) await once(changes, "up", { signal });
      return current;
    },
    first,
    state: () => state,
    close: async () => {
      closing.abort(new Error("closed"));
      await current?.close();
    },
  };
}

/** What the sidecar itself authenticates with: nothing, where clients bring their own and it has none. */
function ownAuthenticator({ credentials, ownCredentials, proxy }: UpstreamConfig): Authenticator {
  const own = ownCredentials ?? (credentials.kind === "pass-through" ? undefined : credentials);
  return toAuthenticator(own && readCredentials(own), proxy && readProxyProof(proxy));
}

async function connectOnce(
  upstream: UpstreamConfig,
  { authenticator, connectMs }: { readonly authenticator: Authenticator; readonly connectMs: number },
): Promise<NatsConnection> {
  return connect({
    servers: upstream.urls.map((url) => new URL(url).host),
    noRandomize: upstream.order === "listed",
    name: "cortexos-sidecar",
    authenticator,
    tls: toTlsOptions(upstream),
    timeout: connectMs,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RETRY_MS,
    ignoreAuthErrorAbort: true,
    ignoreClusterUpdates: true,
  });
}

/** The client library reads the files at every connection. `null` is plain text, whatever the server offers. */
function toTlsOptions({ tls, urls }: UpstreamConfig): TlsOptions | null {
  if (tls === undefined) return null;
  const { serverName, ...files } = tls;
  const names = serverName === undefined ? urls.map((url) => toAddress(url).host) : [serverName];
  const options = {
    ...files,
    // The library doesn't know a server by its IP address: the certificate must be for one of those that are configured.
    checkServerIdentity: (_: string, certificate: PeerCertificate) => identityFault(names, certificate),
    ...(serverName !== undefined && { servername: serverName }),
  };
  return options;
}

function identityFault(names: readonly string[], certificate: PeerCertificate): Error | undefined {
  const faults = names.map((name) => checkServerIdentity(name, certificate));
  return faults.includes(undefined) ? undefined : faults[0];
}

async function connectUntil(
  open: () => Promise<NatsConnection>,
  { signal, failed }: { readonly signal: AbortSignal; readonly failed: (reason: unknown) => void },
): Promise<NatsConnection> {
  for (;;) {
    signal.throwIfAborted();
    try {
      const connection = await open();
      if (!signal.aborted) return connection;
      await connection.close();
    } catch (reason) {
      failed(reason);
    }
    await sleep(RETRY_MS, undefined, { signal, ref: false });
  }
}

async function followStatus(connection: NatsConnection, setState: (state: PartState) => void): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type === "disconnect") setState({ ok: false, detail: `lost ${status.server}` });
    if (status.type === "reconnect") setState({ ok: true, detail: status.server });
  }
}
