import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ListenerConfig } from "../config/sidecar-config.ts";
import { createLogger } from "../logger.ts";
import { addressText, openListener, type Listener } from "./listener.ts";

describe("openListener", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "sidecar-listener-"));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  async function open(
    config: ListenerConfig,
  ): Promise<{ readonly listener: Listener; readonly client: Promise<Socket> }> {
    let accept: (socket: Socket) => void = () => undefined;
    const client = new Promise<Socket>((done) => {
      accept = done;
    });
    return {
      listener: await openListener(config, {
        highWaterMark: 65_536,
        handshakeMs: 1_000,
        log: createLogger("silent"),
        onClient: accept,
      }),
      client,
    };
  }

  it.each(["tcp", "unix"] as const)("takes connections on %s without reading from them", async (kind) => {
    const config: ListenerConfig =
      kind === "tcp" ? { kind, host: "127.0.0.1", port: 0 } : { kind, path: join(folder, "a.sock") };
    const { listener, client } = await open(config);
    const { address } = listener;
    const peer = address.kind === "tcp" ? connect(address.port, address.host) : connect(address.path);
    peer.write("hello");
    const accepted = await client;
    expect(accepted.isPaused()).toBe(true);
    expect(addressText(address)).not.toMatch(/:0$/);
    accepted.destroy();
    peer.destroy();
    listener.close();
  });

  it("says which address something else has", async () => {
    const { listener } = await open({ kind: "tcp", host: "127.0.0.1", port: 0 });
    const name = addressText(listener.address);
    await expect(open(listener.address)).rejects.toMatchObject({
      code: "listener.in_use",
      message: `can't listen on ${name}: something else listens there`,
    });
    listener.close();
  });

  it("says which address can't be bound", async () => {
    const folderless = { kind: "unix", path: join(folder, "none", "a.sock") } as const;
    await expect(open(folderless)).rejects.toMatchObject({ code: "listener.unavailable" });
  });

  it("takes over a socket file that nobody answers on, and no other", async () => {
    const path = join(folder, "stale.sock");
    const listenAndDie = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
    expect(spawnSync(process.execPath, ["-e", listenAndDie]).signal).toBe("SIGKILL");
    expect(existsSync(path)).toBe(true);
    const { listener } = await open({ kind: "unix", path });
    await expect(open({ kind: "unix", path })).rejects.toMatchObject({ code: "listener.in_use" });
    listener.close();
  });
});

describe("addressText", () => {
  it.each<[ListenerConfig, string]>([
    [{ kind: "tcp", host: "127.0.0.1", port: 1 }, "127.0.0.1:1"],
    [{ kind: "tcp", host: "::1", port: 1 }, "[::1]:1"],
    [{ kind: "unix", path: "/a" }, "unix:/a"],
  ])("writes %o as %s", (config, text) => {
    expect(addressText(config)).toBe(text);
  });
});
