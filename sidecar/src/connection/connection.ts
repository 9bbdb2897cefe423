import type { Gate, Timers } from "@cortexos/kernel";
import { isReleasing, type Caller, type Message } from "@cortexos/protocol";
import { createProxySession, type ClientLeg, type ConnectVerdict, type WireFault } from "@cortexos/wire";
import type { Socket } from "node:net";
import type { SidecarLimits } from "../config/limits.ts";
import type { LogAllowance } from "../log-allowance.ts";
import type { Logger } from "../logger.ts";
import type { Metrics } from "../metrics.ts";
import { createClientRate } from "./client-rate.ts";
import { createHost } from "./connection-host.ts";
import type { DeadlineClock } from "./deadline-clock.ts";
import { createDecider, type DeciderParts } from "./decider.ts";
import { joinSockets } from "./join-sockets.ts";
import type { KeptBytes } from "./kept-bytes.ts";
import { createPhases, type Phase } from "./phases.ts";
import type { Pressure } from "./pressure.ts";
import { paceSides } from "./sides.ts";
import type { Turns } from "./turns.ts";

/** What all connections share. */
export interface ConnectionParts {
  readonly gate: Gate;
  readonly timers: Timers;
  readonly limits: SidecarLimits;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly clock: DeadlineClock;
  readonly pressure: Pressure;
  readonly turns: Turns;
  readonly kept: KeptBytes;
  /** Most lines of the log that clients cause. */
  readonly lines: Pick<LogAllowance, "take">;
  readonly isStrictlyOrdered: DeciderParts["isStrictlyOrdered"];
  readonly releaseHeld: DeciderParts["releaseHeld"];
  decided(message: Message, made: Parameters<DeciderParts["decided"]>[1], context: DecidedContext): void;
  /** Credentials in place of the client's own; absent where these are passed through. */
  readonly credentials?: (nonce: string | undefined) => NonNullable<Accepted["credentials"]>;
  /** Proves to the server that the connection comes through the sidecar (ADR-55); absent where it asks for no proof. */
  readonly proxyProof?: (nonce: string) => NonNullable<Accepted["proxySignature"]>;
  /** Records a protocol violation. */
  readonly violated: (connectionId: string, fault: WireFault) => void;
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
  /** Names its session. */
  readonly id: string;
  readonly leg: ClientLeg;
  /** Who the client is, asked when it connects; nobody is refused. */
  identify(): Caller | undefined;
}

/** A client with its own connection upstream. */
export interface Connection {
  readonly id: string;
  /** Reads no more from the client, finishes what was read, and closes. */
  drain(): void;
  /** Closes now. */
  close(): void;
  /** Resolves when both sides are closed. */
  readonly closed: Promise<void>;
}

/** Joins a client and its upstream until either goes. Nothing that a peer does makes it throw. */
export function openConnection(ends: ConnectionEnds, shared: ConnectionParts): Connection {
  const { client, upstream, id } = ends;
  const { limits, clock, pressure } = shared;
  const parts = { ...shared, log: shared.log.child({ connection: id }), violated: tellViolation(id, shared) };
  const identity = createIdentity(ends);
  let isOpen = true;
  /** A peer that takes or keeps too much can't be told: what is said to it would wait behind the rest. */
  const giveUp = (fault: WireFault): void => {
    if (!isOpen) return;
    parts.violated(fault);
    session.upstreamEnd();
  };
  const sides = paceSides(ends, { clock, stallMs: limits.stallMs, stalled: giveUp });
  const rate = createClientRate(limits, clock);
  const decider = createDecider({
    ...parts,
    pressure: pressure.join((pressed) => {
      sides.client.reading.set("pressure", pressed);
    }),
    get caller() {
      return identity.caller();
    },
    decided: (message, decision, tookMs) => {
      if (!isReleasing(decision.outcome)) rate.refused();
      parts.decided(message, decision, { connection: id, tookMs });
    },
  });
  const late = (phase: Phase): void => {
    if (parts.lines.take()) parts.log.info({ phase }, "a connection took too long");
    parts.metrics.connectionRefused(phase);
    // Once the client is connected its server may be in the middle of a frame.
    if (phase === "client_connect") sides.client.write(Buffer.from("-ERR 'Authentication Timeout'\r\n"));
    session.upstreamEnd();
  };
  const phases = createPhases({ clock, limits, late });
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    phases.end();
    joined.end();
    decider.close();
    sides.client.end(limits.lingerMs);
    sides.upstream.end(limits.lingerMs);
    parts.log.debug("closed");
  };
  const host = createHost({ ...parts, identify: () => identity.identify(), sides, decider, phases, rate, close });
  const session = createProxySession({ leg: ends.leg, ...limits }, host);
  const joined = joinSockets(ends, { ...parts, session, sides, rate, giveUp });
  client.resume();
  const { remoteAddress, remotePort: port } = upstream;
  parts.log.debug({ client: client.remoteAddress, upstream: remoteAddress, port }, "connected");
  return {
    id,
    closed: Promise.all([whenClosed(client), whenClosed(upstream)]).then(() => undefined),
    drain: joined.clientEnd,
    close: () => {
      session.upstreamEnd();
    },
  };
}

interface Identity {
  /** Whether the client is somebody. */
  identify(): boolean;
  caller(): Caller;
}

function createIdentity(ends: Pick<ConnectionEnds, "identify">): Identity {
  let caller: Caller | undefined;
  return {
    identify: () => {
      caller = ends.identify();
      return caller !== undefined;
    },
    caller: () => {
      if (caller === undefined) throw new Error("a message of nobody");
      return caller;
    },
  };
}

function tellViolation(id: string, { metrics, lines, log, violated }: ConnectionParts): (fault: WireFault) => void {
  return ({ code, reason }) => {
    metrics.fault(code);
    if (lines.take()) log.warn({ connection: id, code, reason }, "a protocol violation closes the connection");
    violated(id, { code, reason });
  };
}

async function whenClosed(socket: Socket): Promise<void> {
  if (socket.closed) return;
  await new Promise<void>((done) => {
    socket.once("close", () => {
      done();
    });
  });
}
