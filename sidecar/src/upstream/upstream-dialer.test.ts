import { createServer, type Server } from "node:net";
import { createSecureContext } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { createDialer } from "./upstream-dialer.ts";

describe("createDialer", () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  async function listen(said = "INFO {}\r\n"): Promise<string> {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      if (said === "") return;
      for (const part of said.split("|")) socket.write(part);
      if (!said.includes("\n")) socket.end();
    });
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

  it("gives the greeting first and everything behind it, as they came", async () => {
    const dialer = createDialer({
      urls: [await listen('INFO {"a":|1}\r\nPI|NG\r\n')],
      connectMs: 1_000,
      highWaterMark: 9,
    });
    const socket = await dialer.dial(new AbortController().signal);
    let text = "";
    for await (const chunk of socket) {
      text += String(chunk);
      if (text.endsWith("PING\r\n")) break;
    }
    expect(text).toBe('INFO {"a":1}\r\nPING\r\n');
  });

  it.each([
    ["closes at once", "x", /closed the connection before it greeted/],
    ["says nothing", "", /timeout/],
    ["has no place left", "-ERR 'maximum connections exceeded'\r\n", /maximum connections exceeded/],
    ["speaks HTTP", "HTTP/1.1 400 Bad Request\r\n", /not a nats-server's greeting/],
    ["greets without an object", "INFO []\r\n", /not a nats-server's greeting/],
    ["requires TLS", 'INFO {"tls_required":true}\r\n', /the server requires TLS: configure upstream\.tls/],
  ])("goes on to the next server when one %s, and tells why", async (_, said, reason) => {
    const [wrong, right] = [await listen(said), await listen()];
    const options = { connectMs: 200, highWaterMark: 65_536 };
    expect(await portOf(createDialer({ ...options, urls: [wrong, right] }))).toBe(right);
    await expect(portOf(createDialer({ ...options, urls: [wrong] }))).rejects.toThrow(reason);
  });

  it("passes over a server that gives no nonce where there is one to sign", async () => {
    const [silent, asking] = [await listen(), await listen('INFO {"nonce":"n"}\r\n')];
    const options = { connectMs: 1_000, highWaterMark: 65_536, needsNonce: true };
    expect(await portOf(createDialer({ ...options, urls: [silent, asking] }))).toBe(asking);
    await expect(portOf(createDialer({ ...options, urls: [silent] }))).rejects.toThrow(/gives no nonce to sign/);
  });

  it.each([
    [
      "goes on in plain text where TLS should begin",
      'INFO {"tls_required":true}\r\nMSG a 1 0\r\n\r\n',
      /in plain text/,
    ],
    ["offers no TLS", "INFO {}\r\n", /offers no TLS/],
    [
      "answers a handshake in plain text",
      'INFO {"tls_available":true}\r\n|-ERR no\r\n',
      /plain text|packet|wrong version/,
    ],
  ])("secures every connection where it has TLS, and takes none that %s", async (_, said, reason) => {
    const tls = { context: () => createSecureContext(), handshakeFirst: false };
    const dialer = createDialer({ urls: [await listen(said)], connectMs: 1_000, highWaterMark: 65_536, tls });
    await expect(portOf(dialer)).rejects.toThrow(reason);
  });
});
