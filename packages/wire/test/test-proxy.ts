import { connect, createServer, type Socket } from "node:net";
import { createProxySession, type ProxyHost } from "@cortexos/wire";

export interface TestProxy {
  readonly port: number;
  readonly url: string;
  /** Codes of closed sessions' faults. */
  readonly faults: string[];
  stop(): Promise<void>;
}

export type TestHost = Pick<ProxyHost, "decide"> & Partial<ProxyHost>;

/** The smallest proxy around a session: a socket each way. */
export async function startTestProxy(upstreamPort: number, host: TestHost): Promise<TestProxy> {
  const sockets = new Set<Socket>();
  const faults: string[] = [];
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const upstream = connect({ port: upstreamPort, host: "127.0.0.1", noDelay: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
    }
    const session = createProxySession(
      { leg: { host: "127.0.0.1", port: portOf(), injectsCredentials: false } },
      {
        standing: () => undefined,
        writeUpstream: (bytes) => void upstream.write(bytes),
        writeClient: (bytes) => void client.write(bytes),
        setClientPaused: (isPaused) => void (isPaused ? client.pause() : client.resume()),
        close: (fault) => {
          if (fault !== undefined) faults.push(fault.code);
          upstream.end();
          client.end();
        },
        ...host,
      },
    );
    client.on("data", (chunk) => session.clientData(chunk)).on("end", () => session.clientEnd());
    upstream.on("data", (chunk) => session.upstreamData(chunk)).on("close", () => session.upstreamEnd());
    client.on("close", () => upstream.destroy());
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    port: portOf(),
    url: `nats://127.0.0.1:${portOf()}`,
    faults,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };

  function portOf(): number {
    const address = server.address();
    if (typeof address !== "object" || address === null) throw new Error("the proxy doesn't listen");
    return address.port;
  }
}
