import { expect, it, onTestFinished } from "vitest";
import { rawConnect, startRedisServer } from "../src/index.ts";

it("starts redis-server, which keeps its data over a kill when persistent", async () => {
  const server = await startRedisServer({ persistent: true });
  onTestFinished(() => server.stop());
  const writer = await rawConnect(server.port);
  await writer.write("SET kept 1\r\n");
  await writer.waitFor("+OK\r\n");
  await server.kill();
  await server.restart();
  const reader = await rawConnect(server.port);
  await reader.write("GET kept\r\n");
  await expect(reader.waitFor("\r\n1\r\n")).resolves.toBe("$1\r\n1\r\n");
});
