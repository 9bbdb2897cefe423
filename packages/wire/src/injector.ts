import type { PingQueue } from "./ping-queue.ts";

/** Bytes of our own for the client, which wait for a place between two frames of the server. */
export interface Injector {
  /** Bytes that wait, for a place or for a PONG. */
  readonly waitingBytes: number;
  readonly isWaiting: boolean;
  push(bytes: Uint8Array): void;
  /** As `push`, when everything that went upstream so far has been answered: the place of an operation's own answer. */
  pushInOrder(bytes: Uint8Array): void;
  /** A PONG passes to the client. */
  pongPassed(): void;
  /** Gives out what waits, if the client is ready to read it. */
  flush(): void;
}

export interface InjectorParts {
  readonly pings: PingQueue;
  /** Sends a PING of our own upstream. */
  ping(arrived: () => void): void;
  write(bytes: Uint8Array): void;
}

/**
 * Clients read line by line after CONNECT and PING and take no other line than their PONG: nothing is given out before it has passed. A client that never sent
 * a PING waits for none; whether one is on its way is known when a PONG of ours is back.
 */
export function createInjector(parts: InjectorParts): Injector {
  const { pings } = parts;
  const waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let isGreeted = false;
  let isAsking = false;
  return {
    get waitingBytes() {
      return waitingBytes;
    },
    get isWaiting() {
      return waiting.length > 0;
    },
    push,
    pushInOrder: (bytes) => {
      waitingBytes += bytes.length;
      parts.ping(() => {
        waitingBytes -= bytes.length;
        // Where nats-server's own answer would be, before the first PONG too.
        parts.write(bytes);
      });
    },
    pongPassed: () => {
      isGreeted = true;
    },
    flush: () => {
      if (!isGreeted) return;
      for (const bytes of waiting.splice(0)) {
        waitingBytes -= bytes.length;
        parts.write(bytes);
      }
    },
  };

  function push(bytes: Uint8Array): void {
    waiting.push(bytes);
    waitingBytes += bytes.length;
    if (isGreeted || isAsking || pings.clientCount > 0) return;
    isAsking = true;
    parts.ping(() => {
      isAsking = false;
      if (pings.clientCount === 0) isGreeted = true;
    });
  }
}
