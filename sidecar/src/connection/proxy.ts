import type { Caller } from "@cortexos/protocol";
import type { ClientLeg } from "@cortexos/wire";
import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import type { ListenerConfig } from "../config/sidecar-config.ts";
import { reasonText } from "../sidecar-error.ts";
import type { UpstreamDialer } from "../upstream/upstream-dialer.ts";
import { createLogAllowance } from "../log-allowance.ts";
import { createAdmissions, type Admission } from "./admissions.ts";
import { createAtOnce } from "./at-once.ts";
import type { CallerFacts } from "./client-caller.ts";
import { createConnectionPace } from "./connection-pace.ts";
import { openConnection, type Connection, type ConnectionParts } from "./connection.ts";
import { deadlineClock as clock } from "./deadline-clock.ts";
import { createKeptBytes } from "./kept-bytes.ts";
import { createPressure } from "./pressure.ts";
import { createTurns } from "./turns.ts";

/** Time between two looks at what all connections keep, whatever happens meanwhile. */
const LOOK_MS = 1_000;

/** Most lines of the log a second that clients cause by what they do wrong. */
const LINES_PER_SECOND_MAX = 50;

export interface ProxyParts extends Omit<ConnectionParts, "clock" | "kept" | "lines" | "pressure" | "turns"> {
  readonly dialer: UpstreamDialer;
  /** Who a client is, asked when it connects; each connection gets a session id of its own. */
  readonly callerOf: (client: Socket, listener: ListenerConfig) => CallerFacts | undefined;
}

/** All client connections. */
export interface Proxy {
  /** Takes a client: dials the upstream, then joins them. */
  accept(client: Socket, address: ListenerConfig): void;
  connectionCount(): number;
  waitingCount(): number;
  keptBytes(): number;
  /** Reads no more from any client, finishes what is queued, closes; after `drainMs` whatever is left is closed as it is. */
  stop(drainMs: number): Promise<void>;
}

export function createProxy(parts: ProxyParts): Proxy {
  const { metrics, limits, log } = parts;
  const sessionPrefix = randomUUID();
  const connections = new Map<string, Connection>();
  /** Those whose upstream isn't there yet. One signal of all would keep a trace of each. */
  const joining = new Set<AbortController>();
  let isStopping = false;
  const pressure = createPressure(limits);
  const connectionParts = { ...parts, ...sharedParts(parts), pressure };
  const { lines, kept } = connectionParts;
  const looking = setInterval(kept.lookAtAll, LOOK_MS).unref();
  const admissions = createAdmissions(limits);
  const openUpstream = createUpstreamOpener(parts);
  let acceptedCount = 0;

  async function join(client: Socket, address: ListenerConfig, admission: Admission): Promise<void> {
    const leg = legOf(client, address, parts.credentials !== undefined);
    const id = `${sessionPrefix}-${++acceptedCount}`;
    const going = abortedWhenGone(client);
    joining.add(going);
    try {
      const upstream = await openUpstream(going.signal);
      const identify = (): Caller | undefined => withSession(parts.callerOf(client, address), id);
      const connection = openConnection({ client, upstream, id, leg, identify }, connectionParts);
      connections.set(id, connection);
      metrics.connectionOpened();
      void connection.closed.then(() => {
        admission.leave();
        connections.delete(id);
        metrics.connectionClosed();
      });
    } catch (reason) {
      admission.leave();
      metrics.connectionRefused("upstream");
      if (lines.take()) log.warn({ connection: id, reason: reasonText(reason) }, "a client can't be served");
      client.destroy();
    } finally {
      joining.delete(going);
    }
  }

  return {
    accept: (client, address) => {
      const admission = isStopping ? "connections" : admissions.enter(peerOf(client, address));
      if (typeof admission === "string") {
        metrics.connectionRefused(admission);
        refuse(client, address);
        return;
      }
      void join(client, address, admission);
    },
    connectionCount: () => connections.size,
    waitingCount: () => pressure.count(),
    keptBytes: () => kept.total(),
    stop: async (drainMs) => {
      isStopping = true;
      for (const going of joining) going.abort(new Error("the sidecar stops"));
      clearInterval(looking);
      await drainAll([...connections.values()], drainMs);
    },
  };
}

/** What all connections share, and nobody else. */
function sharedParts({ limits, log }: ProxyParts): Pick<ConnectionParts, "clock" | "kept" | "lines" | "turns"> {
  const omitted = (omittedCount: number): void => {
    log.warn({ omittedCount }, "more of what clients did wrong");
  };
  return {
    clock,
    kept: createKeptBytes(limits.keptBytesMax),
    lines: createLogAllowance(LINES_PER_SECOND_MAX, () => clock.nowMs(), omitted),
    turns: createTurns({ clock, turnMs: limits.turnUs / 1_000, later: (act) => void setImmediate(act) }),
  };
}

/** Opens connections upstream at their pace, few at once. */
function createUpstreamOpener({ limits, timers, dialer }: ProxyParts): (signal: AbortSignal) => Promise<Socket> {
  const pace = createConnectionPace(limits.connectionsPerSecondMax, clock);
  const dialing = createAtOnce(limits.dialCountMax);
  return async (signal) => {
    const waitMs = pace.next();
    if (waitMs > 0) await timers.sleep(waitMs, signal);
    return dialing.run(signal, async () => dialer.dial(signal));
  };
}

function abortedWhenGone(client: Socket): AbortController {
  const going = new AbortController();
  const gone = (): void => {
    going.abort(new Error("the client is gone"));
  };
  client.once("close", gone);
  client.once("error", gone);
  return going;
}

async function drainAll(connections: readonly Connection[], drainMs: number): Promise<void> {
  for (const connection of connections) connection.drain();
  const closed = Promise.all(connections.map(async (connection) => connection.closed));
  const late = setTimeout(() => {
    for (const connection of connections) connection.close();
  }, drainMs);
  await closed;
  clearTimeout(late);
}

function withSession(facts: CallerFacts | undefined, id: string): Caller | undefined {
  return facts && { ...facts, session: { ...facts.session, id } };
}

/** What nats-server answers in its place. */
function refuse(client: Socket, address: ListenerConfig): void {
  client.on("error", () => undefined);
  // Where TLS comes first nothing could be said without its handshake, which is not worth it.
  if (address.kind === "tcp" && address.tls?.handshakeFirst === true) client.destroy();
  else client.end("-ERR 'maximum connections exceeded'\r\n");
  // Its own end is not waited for.
  client.once("finish", () => client.destroy());
}

/** Whoever comes by one Unix socket is one peer. */
function peerOf(client: Socket, address: ListenerConfig): string {
  return address.kind === "unix" ? address.path : (client.remoteAddress ?? "");
}

/** A client is told of the address it came by: behind a wildcard address that is the only one it knows to be reachable. */
function legOf(client: Socket, address: ListenerConfig, injectsCredentials: boolean): ClientLeg {
  if (address.kind === "unix") return { host: "localhost", port: 0, injectsCredentials };
  const { tls } = address;
  return {
    host: client.localAddress ?? address.host,
    port: client.localPort ?? address.port,
    injectsCredentials,
    ...(tls !== undefined && { tls: { required: true, available: true, verify: tls.clientCaFile !== undefined } }),
  };
}
