import type { SidecarLimits } from "../config/limits.ts";
import type { DeadlineClock } from "./deadline-clock.ts";

/** The beginning of a connection, step by step; each has its time. */
export type Phase = "upstream_info" | "client_connect" | "client_first";

export interface Phases {
  /** The server's INFO is there: now the client has to connect. */
  greeted(): void;
  /** The client has connected: now it has to do something. */
  connected(): void;
  /** Something of the client was decided or goes upstream, its CONNECT first. */
  acted(): void;
  end(): void;
}

export interface PhasesParts {
  readonly clock: DeadlineClock;
  readonly limits: Pick<SidecarLimits, "upstreamConnectMs" | "clientConnectMs" | "clientFirstMs">;
  late(phase: Phase): void;
}

/** CONNECT goes upstream itself; what comes after it is the client's first operation. */
const ACTS_AT_BEGINNING = 2;

/**
 * The deadlines of a connection's beginning. After its first operation a client may be silent as long as it likes; a live one has that soon: its own PING, or
 * the PONG for the server's.
 */
export function createPhases(parts: PhasesParts): Phases {
  const { clock, limits } = parts;
  let actsLeft = Number.POSITIVE_INFINITY;
  let phase: Phase | undefined;
  let cancel: () => void = () => undefined;
  enter("upstream_info", limits.upstreamConnectMs);
  return {
    greeted: () => {
      if (phase === "upstream_info") enter("client_connect", limits.clientConnectMs);
    },
    connected: () => {
      if (phase === undefined) return;
      enter("client_first", limits.clientFirstMs);
      actsLeft = ACTS_AT_BEGINNING;
    },
    acted: () => {
      if (--actsLeft === 0) end();
    },
    end,
  };

  function enter(next: Phase, limitMs: number): void {
    cancel();
    phase = next;
    cancel = clock.after(limitMs, () => {
      end();
      parts.late(next);
    });
  }

  function end(): void {
    phase = undefined;
    cancel();
  }
}
