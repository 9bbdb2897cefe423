import { connect, createServer, type Server, type Socket } from "node:net";
import { LOOPBACK } from "./loopback.ts";

/** What a proxy does to the bytes; may be changed while it runs. */
export interface TcpFaults {
  /** Delay of every chunk each way, in milliseconds. */
  readonly latencyMs?: number;
  /** Resets the connection instead of passing on what comes after so many bytes from the client. */
  readonly cutAfterBytes?: number;
  /** Swallows everything from now on, while both sides stay connected. */
  readonly blackHole?: boolean;
  /** Keeps what passes, for `recorded`. */
  readonly record?: boolean;
}

/** What passed on one connection, with `record`. */
export interface TcpRecording {
  readonly toTarget: Buffer;
  readonly toClient: Buffer;
}

/** A byte pipe on loopback. Without faults it changes nothing. */
export interface TcpProxy {
  readonly port: number;
  /** `nats://127.0.0.1:<port>` */
  readonly url: string;
  setFaults(faults: TcpFaults): void;
  /** Resets every open connection. */
  cut(): void;
  /** One entry a connection, oldest first. */
  recorded(): readonly TcpRecording[];
  connectionCount(): number;
  /** Resets what is open and stops listening. */
  close(): Promise<void>;
}

interface Link {
  readonly client: Socket;
  readonly target: Socket;
  fromClientBytes: number;
  readonly chunks: { readonly toTarget: Buffer[]; readonly toClient: Buffer[] };
}

/** Listens on a free loopback port and pipes every connection to the target. */
export async function startTcpProxy(
  target: { readonly port: number; readonly host?: string },
  initialFaults: TcpFaults = {},
): Promise<TcpProxy> {
  const links: Link[] = [];
  const open = new Set<Link>();
  let faults = initialFaults;
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const upstream = connect({ host: target.host ?? LOOPBACK, port: target.port, noDelay: true, allowHalfOpen: true });
    const link: Link = { client, target: upstream, fromClientBytes: 0, chunks: { toTarget: [], toClient: [] } };
    links.push(link);
    open.add(link);
    pump(link, "toTarget", () => faults);
    pump(link, "toClient", () => faults);
    for (const socket of [client, upstream]) {
      socket.on("error", () => reset(link));
      socket.on("close", () => {
        open.delete(link);
        if (socket.errored !== null) reset(link);
      });
    }
  });
  const port = await listening(server);
  const cut = (): void => open.forEach(reset);
  return {
    port,
    url: `nats://${LOOPBACK}:${port}`,
    setFaults: (next) => {
      faults = next;
    },
    cut,
    recorded: () =>
      links.map(({ chunks }) => ({
        toTarget: Buffer.concat(chunks.toTarget),
        toClient: Buffer.concat(chunks.toClient),
      })),
    connectionCount: () => open.size,
    close: () => {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function pump(link: Link, way: "toTarget" | "toClient", faults: () => TcpFaults): void {
  const [from, to] = way === "toTarget" ? [link.client, link.target] : [link.target, link.client];
  const pass = (chunk: Buffer): void => {
    if (!to.writable) return;
    if (!to.write(chunk)) from.pause();
  };
  to.on("drain", () => from.resume());
  from.on("end", () => later(faults().latencyMs, () => to.end()));
  from.on("data", (chunk: Buffer) => {
    const { latencyMs, cutAfterBytes, blackHole, record } = faults();
    if (blackHole === true) return;
    if (way === "toTarget") link.fromClientBytes += chunk.length;
    const overBytes = way === "toTarget" && cutAfterBytes !== undefined ? link.fromClientBytes - cutAfterBytes : 0;
    const kept = overBytes > 0 ? chunk.subarray(0, Math.max(0, chunk.length - overBytes)) : chunk;
    if (record === true) link.chunks[way].push(kept);
    later(latencyMs, () => pass(kept));
    // After the kept bytes are out: a reset would otherwise take them along.
    if (overBytes > 0) later(latencyMs, () => to.write("", () => reset(link)));
  });
}

function later(delayMs: number | undefined, act: () => void): void {
  if (delayMs === undefined || delayMs === 0) act();
  else setTimeout(act, delayMs);
}

function reset(link: Link): void {
  link.client.resetAndDestroy();
  link.target.resetAndDestroy();
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, LOOPBACK, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}
