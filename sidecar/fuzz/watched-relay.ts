import { EventEmitter, once } from "node:events";
import { connect, createServer, type AddressInfo, type Server } from "node:net";

const DEADLINE_MS = 5_000;

/** Passes bytes on to a server, and knows when the server has ended a connection: then it has read all that came on it. */
export interface WatchedRelay {
  readonly url: string;
  /** Connections that the server hasn't ended. */
  openCount(): number;
  /** Resolves when no more than so many are open. */
  downTo(count: number): Promise<void>;
  close(): Promise<void>;
}

export async function startWatchedRelay(targetPort: number): Promise<WatchedRelay> {
  let openCount = 0;
  const ended = new EventEmitter();
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    openCount++;
    const target = connect({ port: targetPort, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
    client.pipe(target);
    target.pipe(client);
    // A reset on one side is an end for the other; and what is no longer piped must still be read, or its end isn't seen.
    client.on("error", () => target.end());
    client.on("close", () => {
      target.end();
      target.resume();
    });
    target.on("error", () => client.destroy());
    target.on("close", () => {
      openCount--;
      client.end();
      ended.emit("ended");
    });
  });
  const { port } = await listening(server);
  return {
    url: `nats://127.0.0.1:${port}`,
    openCount: () => openCount,
    downTo: async (count) => {
      const signal = AbortSignal.timeout(DEADLINE_MS);
      while (openCount > count) await once(ended, "ended", { signal });
    },
    close: async () => {
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

async function listening(server: Server): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address === "object" && address !== null) resolve(address);
    });
  });
}
