import { nkeys } from "@nats-io/transport-node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSigningKey } from "./signing-key.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe("createSigningKey", () => {
  it("signs what the nkeys library verifies, with the same public key", () => {
    fc.assert(
      fc.property(fc.constantFrom(nkeys.createUser, nkeys.createServer), fc.string(), (create, nonce) => {
        const pair = create();
        const key = createSigningKey(text(pair.getSeed()), "seed");
        expect(key.publicKey).toBe(pair.getPublicKey());
        expect(key.sign(nonce)).toMatch(/^[\w-]{86}$/);
        expect(pair.verify(Buffer.from(nonce), Buffer.from(key.sign(nonce), "base64url"))).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  const seed = text(nkeys.createUser().getSeed());
  it.each([
    ["nothing", ""],
    ["a password", "s3cret"],
    ["a public key", nkeys.createUser().getPublicKey()],
    ["a seed that lacks its end", seed.slice(0, -1)],
    ["a seed with a letter changed", `${seed.slice(0, 20)}${seed[20] === "A" ? "B" : "A"}${seed.slice(21)}`],
    ["a seed in small letters", seed.toLowerCase()],
    ["a key that encrypts and can't sign", text(nkeys.createCurve().getSeed())],
  ])("takes no other text for a seed, and doesn't quote it: %s", (_, wrong) => {
    const make = (): unknown => createSigningKey(wrong, "/run/secrets/seed");
    expect(make).toThrow(
      expect.objectContaining({ code: "secret.invalid", message: "/run/secrets/seed: not an nkey seed that can sign" }),
    );
  });
});
