import type { SidecarLimits } from "../config/limits.ts";
import type { UpstreamConfig } from "../config/sidecar-config.ts";
import { openTlsFiles } from "../config/tls-files.ts";
import type { Logger } from "../logger.ts";
import { readCredentials, readProxyProof, type Credentials, type ProxyProof } from "./authenticator.ts";
import { createDialer, type UpstreamDialer } from "./upstream-dialer.ts";
import { randomOrder } from "./random-order.ts";

/** What the connections of clients are opened and authenticated with. */
export interface Upstream {
  readonly dialer: UpstreamDialer;
  /** In place of what clients bring; absent where that passes through. */
  readonly credentials?: Credentials;
  readonly proxyProof?: ProxyProof;
  /** Reads certificates again, for connections from now on. */
  reload(): void;
  close(): void;
}

/**
 * Reads everything that connections upstream need; opens none.
 *
 * @throws SidecarError `secret.unreadable`, `secret.invalid`, `tls.invalid`.
 */
export function openUpstream(
  { urls, order, tls, credentials, proxy }: UpstreamConfig,
  { limits, log }: { readonly limits: SidecarLimits; readonly log: Logger },
): Upstream {
  const identity = {
    ...(credentials.kind !== "pass-through" && { credentials: readCredentials(credentials) }),
    ...(proxy !== undefined && { proxyProof: readProxyProof(proxy) }),
  };
  const files = tls && openTlsFiles(tls, { log });
  const dialer = createDialer({
    urls: order === "random" ? randomOrder(urls) : urls,
    connectMs: limits.upstreamConnectMs,
    highWaterMark: limits.socketBytesHigh,
    needsNonce: proxy !== undefined,
    ...(tls !== undefined && files !== undefined && { tls: { ...tls, context: () => files.current().context } }),
  });
  return {
    ...identity,
    dialer,
    reload: () => files?.reload(),
    close: () => files?.close(),
  };
}
