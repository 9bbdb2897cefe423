import type { ProxySession, WireFault } from "@cortexos/wire";
import type { Socket } from "node:net";
import type { ClientRate } from "./client-rate.ts";
import type { ConnectionEnds, ConnectionParts } from "./connection.ts";
import { createProgressWatch, type ProgressWatch } from "./progress-watch.ts";
import type { Sides } from "./sides.ts";

export interface JoinParts extends Pick<ConnectionParts, "clock" | "limits" | "turns" | "kept"> {
  readonly session: ProxySession;
  readonly sides: Sides;
  readonly rate: ClientRate;
  /** Closes the connection for this reason. */
  giveUp(fault: WireFault): void;
}

/** The sockets' events on their way to the session. */
export interface Joined {
  /** Reads no more from the client; what was read goes on. */
  readonly clientEnd: () => void;
  readonly end: () => void;
}

/** Hands what comes from both sockets to the session: in turns, within the time for a frame, and within what may be kept. */
export function joinSockets({ client, upstream }: ConnectionEnds, parts: JoinParts): Joined {
  const { session, sides } = parts;
  const frame = watchFrames(parts);
  const place = parts.kept.join({
    keptBytes: () => session.keptBytes() + feed.waitingBytes + answers.waitingBytes + bytesInSockets(sides),
    shed: () => {
      parts.giveUp({ code: "connection.memory", reason: "it kept most when all connections kept too much" });
    },
  });
  const feed = parts.turns.join({
    take: (piece) => {
      session.clientData(piece);
      frame.look();
      place.look();
    },
    ended: () => {
      session.clientEnd();
    },
    setPaused: (paused) => {
      sides.client.reading.set("turn", paused);
    },
    restMs: () => parts.rate.restMs(),
  });
  const answers = parts.turns.join({
    take: (piece) => {
      session.upstreamData(piece);
      place.look();
    },
    ended: () => {
      session.upstreamEnd();
    },
    setPaused: (paused) => {
      sides.upstream.reading.set("turn", paused);
    },
  });
  client.on("data", (chunk: Buffer) => {
    feed.data(chunk);
  });
  upstream.on("data", (chunk: Buffer) => {
    answers.data(chunk);
  });
  // What a client sent before it went is still decided and sent; a lost server ends everything.
  const clientEnd = (): void => {
    feed.end();
  };
  whenGone(client, clientEnd);
  whenGone(upstream, () => {
    answers.end();
  });
  const waiting = watchGoneClient(client, parts);
  return {
    clientEnd,
    end: () => {
      feed.close();
      answers.close();
      frame.end();
      waiting.end();
      place.leave();
    },
  };
}

/** A message that waits for a person must not keep a place for a client that is gone: it goes its own way when it is approved. */
function watchGoneClient(client: Socket, { clock, limits, session }: JoinParts): { readonly end: () => void } {
  let cancel = (): void => undefined;
  let isOver = false;
  client.once("close", () => {
    // The close may be what ended the connection: a timer would keep all of it.
    if (isOver) return;
    cancel = clock.after(limits.drainMs, () => {
      session.upstreamEnd();
    });
  });
  return {
    end: () => {
      isOver = true;
      cancel();
    },
  };
}

function bytesInSockets({ client, upstream }: Sides): number {
  return client.waitingBytes() + upstream.waitingBytes();
}

function watchFrames({ clock, limits, session, sides }: JoinParts): ProgressWatch {
  return createProgressWatch({
    clock,
    limitMs: limits.frameMs,
    mark: () => session.incompleteFrame(),
    // While nothing is read from the client, nothing can come.
    heldMs: () => sides.client.reading.pausedMs(),
    late: () => {
      session.frameLate();
    },
  });
}

function whenGone(socket: Socket, gone: () => void): void {
  for (const event of ["end", "close"]) socket.on(event, gone);
  // A reset is followed by `close`; there is nothing else to do about it.
  socket.on("error", () => undefined);
}
