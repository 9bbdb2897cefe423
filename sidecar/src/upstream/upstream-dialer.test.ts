import { createServer, type Server } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createDialer } from "./upstream-dialer.ts";

describe("createDialer", () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  async function listen(): Promise<string> {
    const server = createServer((socket) => socket.end());
    servers.push(server);
    await new Promise<void>((done) => {
      server.listen(0, "127.0.0.1", done);
    });
    const address = server.address();
    return `nats://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  }

  async function portOf(dial: ReturnType<typeof createDialer>): Promise<string> {
    const socket = await dial.dial(new AbortController().signal);
    const url = `nats://127.0.0.1:${socket.remotePort}`;
    socket.destroy();
    return url;
  }

  it("goes round to the next address and stays with the one that worked", async () => {
    const gone = await listen();
    servers.splice(0).forEach((server) => server.close());
    const [first, second] = [await listen(), await listen()];
    const dialer = createDialer({ urls: [gone, first, second], connectMs: 1_000, highWaterMark: 65_536 });
    expect(await portOf(dialer)).toBe(first);
    servers[0]?.close();
    expect(await portOf(dialer)).toBe(second);
    expect(await portOf(dialer)).toBe(second);
  });

  it("says what each address answered when none can be reached", async () => {
    const gone = await listen();
    servers.splice(0).forEach((server) => server.close());
    const dialer = createDialer({ urls: [gone], connectMs: 1_000, highWaterMark: 65_536 });
    await expect(portOf(dialer)).rejects.toThrow(/no upstream could be reached \(127\.0\.0\.1:\d+: .*ECONNREFUSED/);
  });

  it("gives up when it is told to", async () => {
    const dialer = createDialer({ urls: [await listen()], connectMs: 1_000, highWaterMark: 65_536 });
    await expect(dialer.dial(AbortSignal.abort(new Error("stopping")))).rejects.toThrow("stopping");
  });
});
