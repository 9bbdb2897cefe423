import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { parseInfo, rewriteInfo } from "./info.ts";
import type { ClientLeg } from "./session-types.ts";

const LEG: ClientLeg = { host: "127.0.0.1", port: 4_333, injectsCredentials: false };

function rewrite(fields: Readonly<Record<string, unknown>>, leg: ClientLeg = LEG) {
  const json = Buffer.from(JSON.stringify(fields));
  const info = parseInfo(json, 0, json.length);
  if (info === undefined) throw new Error("no INFO");
  return rewriteInfo(info, leg, 1_000);
}

describe("rewriteInfo", () => {
  it("names the sidecar wherever the server named itself or its cluster", () => {
    const rewritten = rewrite({
      host: "10.0.0.1",
      port: 4_222,
      ip: "10.0.0.1",
      connect_urls: ["10.0.0.1:4222", "10.0.0.2:4222"],
      ws_connect_urls: ["10.0.0.1:8080"],
    });
    expect(rewritten).toEqual({ host: "127.0.0.1", port: 4_333, ip: "127.0.0.1", connect_urls: ["127.0.0.1:4333"] });
    expect(JSON.stringify(rewritten)).not.toContain("10.0.0");
  });

  it("adds nothing that the server didn't send", () => {
    expect(rewrite({})).toEqual({ host: "127.0.0.1", port: 4_333 });
  });

  it("speaks of the TLS of the client's own leg", () => {
    const server = { tls_required: true, tls_available: true, tls_verify: true };
    expect(rewrite(server)).toEqual({ host: "127.0.0.1", port: 4_333 });
    const tls = { required: true, available: false, verify: true };
    expect(rewrite({}, { ...LEG, tls })).toEqual({
      host: "127.0.0.1",
      port: 4_333,
      tls_required: true,
      tls_verify: true,
    });
  });

  it("asks the client for no credentials when we have them", () => {
    expect(rewrite({ auth_required: true })).toHaveProperty("auth_required", true);
    expect(rewrite({ auth_required: true }, { ...LEG, injectsCredentials: true })).not.toHaveProperty("auth_required");
  });

  it("keeps every other key, known or not", () => {
    const kept = {
      server_id: "S",
      nonce: "N",
      ldm: true,
      headers: true,
      jetstream: true,
      proto: 1,
      api_lvl: 3,
      connect_info: true,
      client_ip: "1.2.3.4",
      of_tomorrow: { a: [1, null] },
    };
    expect(rewrite(kept)).toEqual({ ...kept, host: "127.0.0.1", port: 4_333 });
  });

  it("tells the smaller of both payload limits", () => {
    expect(rewrite({ max_payload: 500 })).toHaveProperty("max_payload", 500);
    expect(rewrite({ max_payload: 5_000 })).toHaveProperty("max_payload", 1_000);
  });

  it("puts brackets around an IPv6 address", () => {
    expect(rewrite({ connect_urls: [] }, { ...LEG, host: "::1" })).toHaveProperty("connect_urls", ["[::1]:4333"]);
  });
});

describe("parseInfo", () => {
  it("gives the host what it needs of the server", () => {
    const json = Buffer.from(
      '{"max_payload":5,"nonce":"N","auth_required":true,"tls_required":true,"headers":true,"ldm":true,"connect_urls":["a:1",2]}',
    );
    expect(parseInfo(json, 0, json.length)).toMatchObject({
      payloadBytesMax: 5,
      nonce: "N",
      authRequired: true,
      tlsRequired: true,
      headers: true,
      lameDuck: true,
      connectUrls: ["a:1"],
    });
  });

  it("ignores a payload limit that isn't one", () => {
    for (const limit of ["-1", "0", "1.5", '"5"', "1e400"]) {
      const json = Buffer.from(`{"max_payload":${limit}}`);
      expect(parseInfo(json, 0, json.length)).not.toHaveProperty("payloadBytesMax");
    }
  });
});
