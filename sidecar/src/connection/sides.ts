import type { WireFault } from "@cortexos/wire";
import type { Socket } from "node:net";
import type { DeadlineClock } from "./deadline-clock.ts";
import { paceSocket, type PacedSocket } from "./paced-socket.ts";

/** Both sides of a proxied connection. */
export interface Sides {
  readonly client: PacedSocket;
  readonly upstream: PacedSocket;
}

export interface SidesParts {
  readonly clock: DeadlineClock;
  readonly stallMs: number;
  /** A peer has taken nothing of what waits for it for `stallMs`. */
  stalled(fault: WireFault): void;
}

/** Each side is read as fast as the other takes it. */
export function paceSides(
  { client, upstream }: { readonly client: Socket; readonly upstream: Socket },
  parts: SidesParts,
): Sides {
  const { clock, stallMs } = parts;
  const clientSide = paceSocket(client, {
    clock,
    stallMs,
    full: (isFull) => {
      upstreamSide.reading.set("peer", isFull);
      if (!isFull) clientSide.reading.set("backlog", false);
    },
    stalled: () => {
      parts.stalled({ code: "connection.client_stalled", reason: `the client took nothing for ${stallMs} ms` });
    },
  });
  const upstreamSide = paceSocket(upstream, {
    clock,
    stallMs,
    full: (isFull) => {
      clientSide.reading.set("peer", isFull);
    },
    stalled: () => {
      parts.stalled({ code: "connection.upstream_stalled", reason: `the server took nothing for ${stallMs} ms` });
    },
  });
  return { client: clientSide, upstream: upstreamSide };
}
