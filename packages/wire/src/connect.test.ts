import { Buffer } from "node:buffer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildConnect, parseConnect } from "./connect.ts";

function parse(json: string) {
  return parseConnect(Buffer.from(json, "utf8").toString("latin1"));
}

describe("parseConnect", () => {
  it("reads what it knows, with nats-server's defaults", () => {
    expect(parse('{"user":"u","name":"caf\u00e9","protocol":1}')).toEqual({
      verbose: true,
      echo: true,
      headers: false,
      noResponders: false,
      protocol: 1,
      name: "caf\u00e9",
      credentials: { user: "u" },
    });
  });

  it.each([
    ["a key twice", '{"user":"agent","user":"admin"}'],
    ["a key twice, once escaped", '{"user":"agent","\\u0075ser":"admin"}'],
    ["a key twice in two cases", '{"user":"agent","USER":"admin"}'],
    ["a known key in another case", '{"USER":"admin"}'],
    ["an unknown key twice", '{"x":1,"X":2}'],
    ["a long s", '{"u\u017fer":"admin"}'],
    ["a long s, escaped", '{"u\\u017fer":"admin"}'],
    ["a Kelvin sign", '{"n\u212aey":"admin"}'],
    ["a number for a name", '{"name":1}'],
    ["null for a user", '{"user":null}'],
    ["a string for a flag", '{"verbose":"false"}'],
    ["a protocol of 2", '{"protocol":2}'],
    ["half a surrogate pair", '{"user":"\\ud800"}'],
    ["an array", "[]"],
    ["two objects", "{}{}"],
    ["nothing but null", "null"],
    ["a byte order mark", "\ufeff{}"],
  ])("finds a fault in %s", (_, json) => {
    expect(parse(json)).toEqual({ code: "wire.connect", reason: expect.any(String) });
  });

  it("finds a fault in bytes that are not UTF-8", () => {
    expect(parseConnect('{"user":"\xff"}')).toHaveProperty("code", "wire.connect");
  });

  it("takes keys of any depth for what they are", () => {
    expect(parse('{"x":{"user":"a","user":"b"},"y":["user",":"],"user":"c"}')).toHaveProperty("credentials.user", "c");
  });

  it("never throws, and names no secret", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (json) => {
        const parsed = parseConnect(json);
        expect("code" in parsed ? parsed.code : "wire.connect").toBe("wire.connect");
      }),
    );
    expect(JSON.stringify(parse('{"pass":"canary","PASS":"canary"}'))).not.toContain("canary");
  });
});

describe("buildConnect", () => {
  it("writes its own keys and no other, never pedantic", () => {
    const parsed = parse(
      '{"verbose":false,"pedantic":true,"tls_required":true,"account":"A","new_account":true,"import_account":"I","nonce":"n","proxy_sig":"forged","user":"u","pass":"p","auth_token":"t","jwt":"j","nkey":"k","sig":"s","lang":"l","version":"v","headers":true,"no_responders":true,"echo":false}',
    );
    if ("code" in parsed) throw new Error(parsed.reason);
    expect(buildConnect(parsed, parsed.credentials)).toEqual({
      verbose: false,
      pedantic: false,
      tls_required: false,
      lang: "l",
      version: "v",
      protocol: 0,
      echo: false,
      headers: true,
      no_responders: true,
      user: "u",
      pass: "p",
      auth_token: "t",
      jwt: "j",
      nkey: "k",
      sig: "s",
    });
  });
});
