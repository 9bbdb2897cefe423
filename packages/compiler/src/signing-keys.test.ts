import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { generateSigningKeys, readSigningKey, readTrustedKey } from "./signing-keys.ts";

describe("generateSigningKeys", () => {
  it("gives a pair whose halves name the same key", () => {
    const keys = generateSigningKeys();
    expect(keys.keyId).toMatch(/^[0-9a-f]{16}$/);
    expect(readSigningKey(keys.privateKeyPem)).toMatchObject({ keyId: keys.keyId, algorithm: "EdDSA" });
    expect(readTrustedKey(keys.publicKeyPem)).toMatchObject({ keyId: keys.keyId, algorithm: "EdDSA" });
    expect(generateSigningKeys().keyId).not.toBe(keys.keyId);
  });
});

describe("readSigningKey", () => {
  it.each([
    ["ES256", generateKeyPairSync("ec", { namedCurve: "P-256" })],
    ["RS256", generateKeyPairSync("rsa", { modulusLength: 2048 })],
  ])("takes the algorithm %s from the key", (algorithm, { privateKey }) => {
    const pem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
    expect(readSigningKey(pem, "ops")).toMatchObject({ algorithm, keyId: "ops" });
  });

  it("refuses what is no private key, and keys that sign nothing", () => {
    const { publicKeyPem } = generateSigningKeys();
    const agreeing = generateKeyPairSync("x25519").privateKey.export({ format: "pem", type: "pkcs8" }).toString();
    for (const pem of ["", "junk", publicKeyPem, agreeing]) {
      expect(() => readSigningKey(pem)).toThrow(expect.objectContaining({ code: "compiler.key" }));
    }
  });
});

describe("readTrustedKey", () => {
  it("refuses a private key where a public one belongs", () => {
    expect(() => readTrustedKey(generateSigningKeys().privateKeyPem)).toThrow("a private key; give the public one");
    expect(() => readTrustedKey("junk")).toThrow("no public key in PEM");
  });
});
