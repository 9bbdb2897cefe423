import { unlinkSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { ListenerConfig } from "../config/sidecar-config.ts";
import { reasonText, SidecarError } from "../sidecar-error.ts";

/** An open listener. */
export interface Listener {
  /** Where it listens: the port is the real one. */
  readonly address: ListenerConfig;
  /** Takes no more connections; those it has go on. */
  close(): void;
}

/** What a listener of the sidecar needs besides its address. */
export interface ListenerOptions {
  /** Bytes that may wait in a client's socket before its peer is paused. */
  readonly highWaterMark: number;
  /** Given each connection before anything is read from it. */
  onClient(client: Socket, address: ListenerConfig): void;
}

/**
 * Binds one address.
 *
 * @throws SidecarError `listener.in_use`, `listener.unavailable`.
 */
export async function openListener(config: ListenerConfig, options: ListenerOptions): Promise<Listener> {
  if (config.kind === "unix") await removeStaleSocket(config.path);
  let address = config;
  const server = createServer(
    // The upstream is asked first, and a client that only half-closes still gets what it waits for.
    { noDelay: true, pauseOnConnect: true, allowHalfOpen: true, highWaterMark: options.highWaterMark },
    (client) => {
      options.onClient(client, address);
    },
  );
  await listen(server, config);
  address = realAddress(server, config);
  return { address, close: () => void server.close() };
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
