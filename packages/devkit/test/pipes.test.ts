import { createServer, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { rawConnect, startBytePipe, startTcpProxy, type TcpFaults, type TcpProxy } from "../src/index.ts";

/** A server that answers every byte with itself. */
async function startEcho(): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => undefined));
    socket.pipe(socket);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function startProxy(faults?: TcpFaults): Promise<TcpProxy> {
  const proxy = await startTcpProxy({ port: await startEcho() }, faults);
  onTestFinished(() => proxy.close());
  return proxy;
}

describe("startTcpProxy", () => {
  it("changes nothing and records both ways", async () => {
    const proxy = await startProxy({ record: true });
    const client = await rawConnect(proxy.port);
    const megabyte = "0123456789abcdef".repeat(65_536);
    await client.write(`${megabyte}END`);
    await client.waitFor("END");
    expect(client.received()).toBe(`${megabyte}END`);
    const [recording] = proxy.recorded();
    expect(recording?.toTarget.toString("latin1")).toBe(`${megabyte}END`);
    expect(recording?.toClient.equals(recording.toTarget)).toBe(true);
  });

  it("passes on a half-close", async () => {
    const proxy = await startProxy();
    const client = await rawConnect(proxy.port);
    await client.write("last");
    client.end();
    await expect(client.waitFor("last")).resolves.toBe("last");
    await client.waitForClose();
  });

  it("cuts a connection after so many bytes", async () => {
    const proxy = await startProxy({ cutAfterBytes: 3, record: true });
    const client = await rawConnect(proxy.port);
    await client.write("abcdef");
    await client.waitForClose();
    expect(proxy.recorded()[0]?.toTarget.toString()).toBe("abc");
    expect(proxy.connectionCount()).toBe(0);
  });

  it("swallows everything in a black hole, and passes again after it", async () => {
    const proxy = await startProxy({ blackHole: true });
    const client = await rawConnect(proxy.port);
    await client.write("lost");
    await expect(client.waitFor("lost", 50)).rejects.toMatchObject({ code: "wait.timeout" });
    proxy.setFaults({ latencyMs: 5 });
    await client.write("found");
    await client.waitFor("found");
    expect(client.received()).toBe("found");
  });

  it("resets what is open", async () => {
    const proxy = await startProxy();
    const client = await rawConnect(proxy.port);
    await client.write("x");
    await client.waitFor("x");
    proxy.cut();
    await client.waitForClose();
    await expect(client.waitFor("y")).rejects.toMatchObject({ code: "wait.closed" });
  });
});

it("pipes bytes in a process of its own", async () => {
  const pipe = await startBytePipe(await startEcho());
  onTestFinished(() => pipe.stop());
  const client = await rawConnect(pipe.port);
  await client.write("there and back");
  await expect(client.waitFor("back")).resolves.toBe("there and back");
  client.close();
});
