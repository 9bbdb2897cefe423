import type { SidecarLimits } from "../config/limits.ts";

/** Why a client isn't taken; also the metric's label. */
export type AdmissionRefusal = "connections" | "peer_connections";

/** A client's place among all, until it leaves. */
export interface Admission {
  leave(): void;
}

/** How many clients there may be at once, in all and from one peer. */
export interface Admissions {
  /** @param peer - what tells peers apart: an address, or a socket's path. */
  enter(peer: string): Admission | AdmissionRefusal;
  count(): number;
}

export function createAdmissions(
  limits: Pick<SidecarLimits, "connectionCountMax" | "peerConnectionCountMax">,
): Admissions {
  const countByPeer = new Map<string, number>();
  let count = 0;
  return {
    enter: (peer) => {
      const peerCount = countByPeer.get(peer) ?? 0;
      if (count >= limits.connectionCountMax) return "connections";
      if (peerCount >= limits.peerConnectionCountMax) return "peer_connections";
      count++;
      countByPeer.set(peer, peerCount + 1);
      let isHere = true;
      return {
        leave: () => {
          if (isHere) leave(peer);
          isHere = false;
        },
      };
    },
    count: () => count,
  };

  function leave(peer: string): void {
    count--;
    const left = (countByPeer.get(peer) ?? 0) - 1;
    if (left > 0) countByPeer.set(peer, left);
    else countByPeer.delete(peer);
  }
}
