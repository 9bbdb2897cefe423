import { createServer, type Socket } from "node:net";

/** Something that greets as nats-server does, answers PING, and keeps what it is told; a test makes it say more. */
export interface RecordingUpstream {
  readonly url: string;
  /** What came on the connections that clients' sessions use, oldest first; the sidecar's own is left out. */
  received(): readonly string[];
  /** Says something on every connection. */
  say(bytes: string): void;
  stop(): Promise<void>;
}

const INFO = {
  server_id: "recording",
  version: "2.12.0",
  proto: 1,
  host: "127.0.0.1",
  port: 4222,
  headers: true,
  max_payload: 1_048_576,
};

/** @param info - more of its INFO. */
export async function startRecordingUpstream(info: object = {}): Promise<RecordingUpstream> {
  const received = new Map<Socket, string>();
  const server = createServer((socket) => {
    received.set(socket, "");
    socket.write(`INFO ${JSON.stringify({ ...INFO, ...info })}\r\n`);
    socket.on("data", (chunk: Buffer) => {
      const text = chunk.toString("latin1");
      received.set(socket, `${received.get(socket) ?? ""}${text}`);
      for (const _ of text.matchAll(/^PING\r\n/gm)) socket.write("PONG\r\n");
    });
    socket.on("error", () => undefined);
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
  return {
    url: `nats://127.0.0.1:${port}`,
    received: () => [...received.values()].filter((text) => !text.includes('"name":"cortexos-sidecar"')),
    say: (bytes) => {
      for (const socket of received.keys()) socket.write(bytes);
    },
    stop: async () => {
      for (const socket of received.keys()) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
