import type { Gate, Timers } from "@cortexos/kernel";
import type { Caller, Message } from "@cortexos/protocol";
import {
  createProxySession,
  type ClientLeg,
  type ConnectVerdict,
  type ProxyHost,
  type ProxySession,
  type WireFault,
} from "@cortexos/wire";
import type { Socket } from "node:net";
import type { SidecarLimits } from "../config/limits.ts";
import type { Logger } from "../logger.ts";
import type { Metrics } from "../metrics.ts";
import { createDecider, type Decider, type DeciderParts } from "./decider.ts";
import { paceSocket, type PacedSocket } from "./paced-socket.ts";
import type { Pressure } from "./pressure.ts";

/** Time for what was written last to leave after the end of a connection. */
const LINGER_MS = 2_000;

/** What all connections share. */
export interface ConnectionParts {
  readonly gate: Gate;
  readonly timers: Timers;
  readonly limits: SidecarLimits;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly pressure: Pressure;
  readonly isStrictlyOrdered: DeciderParts["isStrictlyOrdered"];
  readonly releaseHeld: DeciderParts["releaseHeld"];
  decided(message: Message, made: Parameters<DeciderParts["decided"]>[1], context: DecidedContext): void;
  /** Credentials in place of the client's own; absent where these are passed through. */
  readonly credentials?: (nonce: string | undefined) => NonNullable<Accepted["credentials"]>;
  /** Proves to the server that the connection comes through the sidecar (ADR-55); absent where it asks for no proof. */
  readonly proxyProof?: (nonce: string) => NonNullable<Accepted["proxySignature"]>;
  /** Records a protocol violation. */
  violated(connectionId: string, fault: WireFault): void;
}

type Accepted = Extract<ConnectVerdict, { kind: "accept" }>;

interface DecidedContext {
  readonly connection: string;
  readonly tookMs: number;
}

/** The two sockets of a connection and who is at the other end. */
export interface ConnectionEnds {
  readonly client: Socket;
  readonly upstream: Socket;
  readonly caller: Caller;
  readonly leg: ClientLeg;
}

/** A client with its own connection upstream. */
export interface Connection {
  readonly id: string;
  /** While the pressure is high nothing is read from its client. */
  setPressed(pressed: boolean): void;
  /** Reads no more from the client, finishes what was read, and closes. */
  drain(): void;
  /** Closes now. */
  close(): void;
  /** Resolves when both sides are closed. */
  readonly closed: Promise<void>;
}

/** Joins a client and its upstream until either goes. Nothing that a peer does makes it throw. */
export function openConnection(ends: ConnectionEnds, parts: ConnectionParts): Connection {
  const { client, upstream, caller } = ends;
  const { limits } = parts;
  const { id } = caller.session;
  const log = parts.log.child({ connection: id });
  const sides = paceSides(ends);
  const decider = createDecider({
    ...parts,
    caller,
    decided: (message, decision, tookMs) => {
      parts.decided(message, decision, { connection: id, tookMs });
    },
  });
  const phases = createPhases(limits, (phase) => {
    log.info({ phase }, "a connection took too long");
    parts.metrics.connectionRefused(phase);
    if (phase === "client_connect") sides.client.write(Buffer.from("-ERR 'Authentication Timeout'\r\n"));
    session.upstreamEnd();
  });
  let isOpen = true;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    phases.end();
    decider.close();
    sides.client.end(LINGER_MS);
    sides.upstream.end(LINGER_MS);
    log.debug("closed");
  };
  const { payloadBytesMax, queueBytesMax, queueCountMax } = limits;
  const session = createProxySession(
    { leg: ends.leg, payloadBytesMax, queueBytesMax, queueCountMax },
    createHost({ ...parts, id, log, sides, decider, phases, close }),
  );
  joinSockets(ends, session);
  client.resume();
  sides.client.setPaused("pressure", parts.pressure.isHigh());
  log.debug({ client: client.remoteAddress, upstream: upstream.remoteAddress, port: upstream.remotePort }, "connected");
  return {
    id,
    setPressed: (pressed) => {
      sides.client.setPaused("pressure", pressed);
    },
    closed: Promise.all([whenClosed(client), whenClosed(upstream)]).then(() => undefined),
    drain: () => {
      session.clientEnd();
    },
    close: () => {
      session.upstreamEnd();
    },
  };
}

interface Sides {
  readonly client: PacedSocket;
  readonly upstream: PacedSocket;
}

/** Each side is read as fast as the other takes it. */
function paceSides({ client, upstream }: ConnectionEnds): Sides {
  const clientSide = paceSocket(client, (full) => {
    upstreamSide.setPaused("peer", full);
    if (!full) clientSide.setPaused("backlog", false);
  });
  const upstreamSide = paceSocket(upstream, (full) => {
    clientSide.setPaused("peer", full);
  });
  return { client: clientSide, upstream: upstreamSide };
}

interface HostParts extends ConnectionParts {
  readonly id: string;
  readonly sides: Sides;
  readonly decider: Decider;
  readonly phases: Phases;
  readonly close: () => void;
}

function createHost(parts: HostParts): ProxyHost {
  const { id, sides, decider, phases, limits, metrics, log } = parts;
  return {
    decide: (message) => decider.decide(message),
    standing: (subject) => decider.standing(subject),
    writeUpstream: (bytes) => {
      metrics.bytes("client_to_upstream", bytes.length);
      sides.upstream.write(bytes);
    },
    writeClient: (bytes) => {
      metrics.bytes("upstream_to_client", bytes.length);
      sides.client.write(bytes);
      // A client that is told much and reads nothing is not listened to.
      if (sides.client.backlogBytes() > limits.clientBacklogBytesMax) sides.client.setPaused("backlog", true);
    },
    setClientPaused: (paused) => {
      sides.client.setPaused("queue", paused);
    },
    serverInfo: () => {
      phases.greeted();
    },
    connect: ({ lang, version }, { nonce }) => {
      phases.connected();
      log.debug({ lang, version }, "the client said who it is");
      return connectVerdict(parts, nonce);
    },
    refused: ({ subject }, { ruleId }) => {
      metrics.fault(ruleId);
      log.info({ subject, rule: ruleId }, "a message can't be published");
    },
    close: (fault) => {
      if (fault !== undefined) {
        metrics.fault(fault.code);
        log.warn({ code: fault.code, reason: fault.reason }, "a protocol violation closes the connection");
        parts.violated(id, fault);
      }
      parts.close();
    },
  };
}

/** A client's own credentials pass through unless the sidecar has some; the proof is always the sidecar's. */
function connectVerdict({ credentials, proxyProof }: ConnectionParts, nonce: string | undefined): ConnectVerdict {
  const shown = credentials !== undefined && { credentials: credentials(nonce) };
  if (proxyProof === undefined) return { kind: "accept", ...shown };
  if (nonce === undefined) return { kind: "refuse", reason: "the server gave no nonce to sign" };
  return { kind: "accept", ...shown, proxySignature: proxyProof(nonce) };
}

function joinSockets({ client, upstream }: ConnectionEnds, session: ProxySession): void {
  client.on("data", (chunk: Buffer) => {
    session.clientData(chunk);
  });
  upstream.on("data", (chunk: Buffer) => {
    session.upstreamData(chunk);
  });
  // What a client sent before it went is still decided and sent; a lost server ends everything.
  for (const event of ["end", "close"]) {
    client.on(event, () => {
      session.clientEnd();
    });
    upstream.on(event, () => {
      session.upstreamEnd();
    });
  }
  // A reset is followed by `close`; there is nothing else to do about it.
  for (const socket of [client, upstream]) socket.on("error", () => undefined);
}

async function whenClosed(socket: Socket): Promise<void> {
  if (socket.closed) return;
  await new Promise<void>((done) => {
    socket.once("close", () => {
      done();
    });
  });
}

interface Phases {
  /** The server's INFO is there: now the client has to connect. */
  greeted(): void;
  /** The client has connected: it may be silent as long as it likes. */
  connected(): void;
  end(): void;
}

/** The deadlines of a connection's beginning. */
function createPhases(limits: SidecarLimits, late: (phase: "upstream_info" | "client_connect") => void): Phases {
  let timer = setTimeout(late, limits.upstreamConnectMs, "upstream_info");
  let isGreeted = false;
  return {
    greeted: () => {
      if (isGreeted) return;
      isGreeted = true;
      clearTimeout(timer);
      timer = setTimeout(late, limits.clientConnectMs, "client_connect");
    },
    connected: () => {
      clearTimeout(timer);
    },
    end: () => {
      isGreeted = true;
      clearTimeout(timer);
    },
  };
}
