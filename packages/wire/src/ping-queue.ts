/** PINGs that went upstream and whose PONG is to come, in order: the client's, and our own with what to do when theirs arrives. */
export interface PingQueue {
  readonly clientCount: number;
  clientPing(): void;
  ownPing(arrived: () => void): void;
  /**
   * The server's next PONG.
   *
   * @returns what to do when it was for us; `undefined` when it is the client's.
   */
  pong(): (() => void) | undefined;
}

export function createPingQueue(): PingQueue {
  // Runs of the client's PINGs are one entry, so that a flood of them takes no memory.
  const queue: (number | (() => void))[] = [];
  let clientCount = 0;
  return {
    get clientCount() {
      return clientCount;
    },
    clientPing: () => {
      clientCount++;
      // Stryker disable next-line UnaryOperator: another place of the queue only takes more memory
      const last = queue.at(-1);
      // Stryker disable next-line ConditionalExpression,StringLiteral: an entry each only takes more memory
      if (typeof last === "number") queue[queue.length - 1] = last + 1;
      else queue.push(1);
    },
    ownPing: (arrived) => {
      queue.push(arrived);
    },
    pong: () => {
      const first = queue[0];
      if (typeof first === "function") {
        queue.shift();
        return first;
      }
      if (first === undefined) return undefined;
      clientCount--;
      if (first === 1) queue.shift();
      else queue[0] = first - 1;
      return undefined;
    },
  };
}
