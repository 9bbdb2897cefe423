import { createServer, type Server } from "node:net";
import { freePort } from "@cortexos/devkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { requirePorts, type StackPorts } from "./require-ports.ts";

let server: Server;
let taken = 0;
let ports: StackPorts;
beforeEach(async () => {
  server = createServer();
  taken = await new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
  ports = { gate: await freePort(), admin: await freePort(), nats: await freePort() };
});
afterEach(() => void server.close());

describe("requirePorts", () => {
  it("is content with free ports, and leaves them free", async () => {
    await expect(requirePorts(ports, undefined)).resolves.toBeUndefined();
    await expect(requirePorts(ports, undefined)).resolves.toBeUndefined();
  });

  it.each([
    ["gate", "--port"],
    ["admin", "--admin-port"],
    ["nats", "--nats-port"],
  ])("names the option for the port of the %s", async (part, option) => {
    await expect(requirePorts({ ...ports, [part]: taken }, undefined)).rejects.toThrow(
      `port ${taken} is in use: stop what uses it, or choose another with ${option}`,
    );
  });

  it("says that a run is up here already", async () => {
    await expect(requirePorts({ ...ports, nats: taken }, 4711)).rejects.toThrow(
      "npm start is already running here (process 4711): stop it, or choose other ports",
    );
  });

  it("refuses one port for two parts", async () => {
    await expect(requirePorts({ ...ports, admin: ports.gate }, undefined)).rejects.toThrow("three different ports");
  });
});
