import type { Caller } from "@cortexos/protocol";
import type { ClientLeg } from "@cortexos/wire";
import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import type { ListenerConfig } from "../config/sidecar-config.ts";
import { reasonText } from "../sidecar-error.ts";
import type { UpstreamDialer } from "../upstream/upstream-dialer.ts";
import { openConnection, type Connection, type ConnectionParts } from "./connection.ts";
import { createPressure } from "./pressure.ts";

export interface ProxyParts extends Omit<ConnectionParts, "pressure"> {
  readonly dialer: UpstreamDialer;
  /** Who every client is; each connection gets a session id of its own. */
  readonly caller: Omit<Caller, "session"> & { readonly session: Omit<Caller["session"], "id"> };
}

/** All client connections. */
export interface Proxy {
  /** Takes a client: dials the upstream, then joins them. */
  accept(client: Socket, address: ListenerConfig): void;
  connectionCount(): number;
  waitingCount(): number;
  /** Reads no more from any client, finishes what is queued, closes; after `drainMs` whatever is left is closed as it is. */
  stop(drainMs: number): Promise<void>;
}

export function createProxy(parts: ProxyParts): Proxy {
  const { metrics, limits, log } = parts;
  const sessionPrefix = randomUUID();
  const connections = new Map<string, Connection>();
  const stopping = new AbortController();
  const pressure = createPressure(limits, (high) => {
    for (const connection of connections.values()) connection.setPressed(high);
  });
  const connectionParts = { ...parts, pressure };
  let acceptedCount = 0;
  let dialingCount = 0;

  async function join(client: Socket, leg: ClientLeg): Promise<void> {
    const id = `${sessionPrefix}-${++acceptedCount}`;
    const dialing = new AbortController();
    const gone = (): void => {
      dialing.abort(new Error("the client is gone"));
    };
    client.once("close", gone);
    client.once("error", gone);
    try {
      const upstream = await parts.dialer.dial(AbortSignal.any([stopping.signal, dialing.signal]));
      const caller = { ...parts.caller, session: { ...parts.caller.session, id } };
      const connection = openConnection({ client, upstream, caller, leg }, connectionParts);
      connections.set(id, connection);
      metrics.connectionOpened();
      void connection.closed.then(() => {
        connections.delete(id);
        metrics.connectionClosed();
      });
    } catch (reason) {
      metrics.connectionRefused("upstream");
      log.warn({ connection: id, reason: reasonText(reason) }, "a client can't be served");
      client.destroy();
    }
  }

  return {
    accept: (client, address) => {
      if (stopping.signal.aborted || connections.size + dialingCount >= limits.connectionCountMax) {
        metrics.connectionRefused("connections");
        refuse(client);
        return;
      }
      dialingCount++;
      void join(client, legOf(client, address, parts.credentials !== undefined)).finally(() => dialingCount--);
    },
    connectionCount: () => connections.size,
    waitingCount: () => pressure.count(),
    stop: async (drainMs) => {
      stopping.abort(new Error("the sidecar stops"));
      const open = [...connections.values()];
      for (const connection of open) connection.drain();
      const closed = Promise.all(open.map(async (connection) => connection.closed));
      const late = setTimeout(() => {
        for (const connection of open) connection.close();
      }, drainMs);
      await closed;
      clearTimeout(late);
    },
  };
}

/** What nats-server answers in its place. */
function refuse(client: Socket): void {
  client.on("error", () => undefined);
  client.end("-ERR 'maximum connections exceeded'\r\n");
  // Its own end is not waited for.
  client.once("finish", () => client.destroy());
}

/** A client is told of the address it came by: behind a wildcard address that is the only one it knows to be reachable. */
function legOf(client: Socket, address: ListenerConfig, injectsCredentials: boolean): ClientLeg {
  if (address.kind === "unix") return { host: "localhost", port: 0, injectsCredentials };
  return { host: client.localAddress ?? address.host, port: client.localPort ?? address.port, injectsCredentials };
}
