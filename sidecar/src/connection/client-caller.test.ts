import { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import type { CallerConfig, ListenerConfig } from "../config/sidecar-config.ts";
import { callerOf } from "./client-caller.ts";

const caller = (id: string): CallerConfig => ({
  principal: { id, kind: "agent", roles: ["r"], tenant: "acme", onBehalfOf: "ada" },
  environment: "dev",
  labels: { team: "a" },
  session: { declared: { task: "t" } },
});
const byDefault = caller("default");
const client = new Socket();

describe("callerOf", () => {
  it("is the sidecar's caller, with every fact of the configuration and none of the client's", () => {
    expect(callerOf(client, { kind: "tcp", host: "127.0.0.1", port: 1 }, byDefault)).toEqual({
      principal: {
        id: "default",
        kind: "agent",
        roles: ["r"],
        tenant: "acme",
        on_behalf_of: "ada",
        authenticated_by: "config",
      },
      environment: "dev",
      labels: { team: "a" },
      source: "sidecar",
      session: { declared: { task: "t" } },
    });
  });

  it.each<ListenerConfig>([
    { kind: "tcp", host: "127.0.0.1", port: 1, caller: caller("by listener") },
    { kind: "unix", path: "/a", caller: caller("by listener") },
  ])("is the listener's where it has one: %o", (listener) => {
    expect(callerOf(client, listener, byDefault)?.principal).toMatchObject({
      id: "by listener",
      authenticated_by: "listener",
    });
  });

  it("is nobody where certificates are mapped and none was shown", () => {
    const tls = { certFile: "c", keyFile: "k", clientCaFile: "a", handshakeFirst: false };
    const callers = [{ certificate: "DNS:a", caller: caller("a") }];
    const listener: ListenerConfig = { kind: "tcp", host: "127.0.0.1", port: 1, tls: { ...tls, callers } };
    expect(callerOf(client, listener, byDefault)).toBeUndefined();
  });
});
