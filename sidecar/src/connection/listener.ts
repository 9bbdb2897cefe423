import { unlinkSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { ListenerConfig, ListenerTlsConfig } from "../config/sidecar-config.ts";
import { openTlsFiles, type TlsKeeper } from "../config/tls-files.ts";
import type { Logger } from "../logger.ts";
import { reasonText, SidecarError } from "../sidecar-error.ts";
import { createSocketSecurer, type SocketSecurer } from "./secured-socket.ts";

/** An open listener. */
export interface Listener {
  /** Where it listens: the port is the real one. */
  readonly address: ListenerConfig;
  /** Reads its certificates again, for connections from now on. */
  reload(): void;
  /** Takes no more connections; those it has go on. */
  close(): void;
}

/** What a listener of the sidecar needs besides its address. */
export interface ListenerOptions {
  /** Bytes that may wait in a client's socket before its peer is paused. */
  readonly highWaterMark: number;
  /** For a TLS handshake. */
  readonly handshakeMs: number;
  readonly log: Logger;
  /** Given each connection before anything is read from it. */
  onClient(client: Socket, address: ListenerConfig): void;
}

/**
 * Binds one address.
 *
 * @throws SidecarError `listener.in_use`, `listener.unavailable`, `tls.invalid`.
 */
export async function openListener(config: ListenerConfig, options: ListenerOptions): Promise<Listener> {
  if (config.kind === "unix") await removeStaleSocket(config.path);
  const tls = config.kind === "tcp" && config.tls !== undefined ? openTls(config.tls, options) : undefined;
  let address = config;
  const server = createServer(
    // The upstream is asked first, and a client that only half-closes still gets what it waits for.
    { noDelay: true, pauseOnConnect: true, allowHalfOpen: true, highWaterMark: options.highWaterMark },
    (client) => {
      options.onClient(tls?.secure(client) ?? client, address);
    },
  );
  try {
    await listen(server, config);
  } catch (reason) {
    tls?.close();
    throw reason;
  }
  address = realAddress(server, config);
  return {
    address,
    reload: () => tls?.reload(),
    close: () => {
      server.close();
      tls?.close();
    },
  };
}

interface ListenerTls extends Pick<SocketSecurer, "secure">, Pick<TlsKeeper, "reload" | "close"> {}

function openTls(config: ListenerTlsConfig, options: ListenerOptions): ListenerTls {
  const { certFile, keyFile, clientCaFile, handshakeFirst } = config;
  const { log, handshakeMs, highWaterMark } = options;
  const files = openTlsFiles(
    { certFile, keyFile, caFile: clientCaFile },
    {
      log,
      changed: (material) => {
        securer.setMaterial(material);
      },
    },
  );
  const securer = createSocketSecurer({
    material: files.current(),
    asksForCertificate: clientCaFile !== undefined,
    handshakeFirst,
    handshakeMs,
    highWaterMark,
    failed: (reason) => {
      log.debug({ reason: reasonText(reason) }, "a client's TLS handshake failed");
    },
  });
  return {
    secure: (plain) => securer.secure(plain),
    reload: () => {
      files.reload();
    },
    close: () => {
      files.close();
    },
  };
}

/**
 * Binds a server.
 *
 * @throws SidecarError `listener.in_use`, `listener.unavailable`.
 */
export async function listen(server: Server, config: ListenerConfig): Promise<void> {
  const target = config.kind === "tcp" ? { host: config.host, port: config.port } : { path: config.path };
  const name = addressText(config);
  return new Promise((done, fail) => {
    server.once("error", (cause: Error & { readonly code?: string }) => {
      const inUse = cause.code === "EADDRINUSE";
      const reason = inUse ? "something else listens there" : reasonText(cause);
      fail(
        new SidecarError(inUse ? "listener.in_use" : "listener.unavailable", `can't listen on ${name}: ${reason}`, {
          cause,
        }),
      );
    });
    server.listen(target, () => {
      server.removeAllListeners("error");
      done();
    });
  });
}

/** `host:port` or `unix:/path`. */
export function addressText(config: ListenerConfig): string {
  if (config.kind === "unix") return `unix:${config.path}`;
  return config.host.includes(":") ? `[${config.host}]:${config.port}` : `${config.host}:${config.port}`;
}

/** Where a bound server listens: the port that the system chose for 0. */
export function realAddress(server: Server, config: ListenerConfig): ListenerConfig {
  const address = server.address();
  const isBound = config.kind === "tcp" && typeof address === "object" && address !== null;
  return isBound ? { ...config, port: address.port } : config;
}

/** A socket file that nobody answers on was left by a process that is gone. */
async function removeStaleSocket(path: string): Promise<void> {
  const isStale = await new Promise<boolean>((done) => {
    const probe = connect({ path }, () => {
      probe.destroy();
      done(false);
    });
    probe.on("error", (reason: Error & { readonly code?: string }) => {
      done(reason.code === "ECONNREFUSED");
    });
  });
  if (isStale) unlinkSync(path);
}
