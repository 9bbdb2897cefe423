import { credsAuthenticator, nkeyAuthenticator, nkeys } from "@nats-io/transport-node";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SidecarCredentials } from "../config/sidecar-config.ts";
import { readCredentials, readProxyProof, toAuthenticator } from "./authenticator.ts";

const pair = nkeys.createUser();
const seed = Buffer.from(pair.getSeed()).toString();
const creds = `-----BEGIN NATS USER JWT-----
eyJ0eXAi.eyJqdGki.c2ln-_
------END NATS USER JWT------

************************* IMPORTANT *************************
NKEY Seed printed below can be used to sign and prove identity.

-----BEGIN USER NKEY SEED-----
${seed}
------END USER NKEY SEED------

*************************************************************
`;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sidecar-credentials-"));
  for (const [name, content] of Object.entries({ secret: "s3cret\n", seed: `${seed}\n`, creds, empty: " \n" })) {
    writeFileSync(join(folder, name), content);
  }
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const file = (name: string): string => join(folder, name);

/** What the official client would show, with its signature as bytes. */
function shown(auth: unknown): Readonly<Record<string, unknown>> {
  const { sig, ...rest } = { sig: undefined, ...Object(auth) } as Readonly<Record<string, unknown>>;
  return { ...rest, sig: typeof sig === "string" ? Buffer.from(sig, "base64url").toString("hex") : sig };
}

describe("readCredentials", () => {
  it.each<[SidecarCredentials["kind"], () => SidecarCredentials, unknown]>([
    ["password", () => ({ kind: "password", user: "u", passwordFile: file("secret") }), { user: "u", pass: "s3cret" }],
    ["token", () => ({ kind: "token", tokenFile: file("secret") }), { auth_token: "s3cret" }],
    ["nkey", () => ({ kind: "nkey", seedFile: file("seed") }), nkeyAuthenticator(pair.getSeed())("nonce")],
    ["creds", () => ({ kind: "creds", credsFile: file("creds") }), credsAuthenticator(Buffer.from(creds))("nonce")],
  ])("shows what the official client shows for a %s", (_, credentials, expected) => {
    expect(shown(readCredentials(credentials())("nonce"))).toEqual(shown(expected));
  });

  it("has no signature where there is nothing to sign", () => {
    expect(readCredentials({ kind: "nkey", seedFile: file("seed") })(undefined)).toEqual({
      nkey: pair.getPublicKey(),
      sig: "",
    });
  });

  it.each<[string, () => SidecarCredentials, string]>([
    ["an empty file", () => ({ kind: "token", tokenFile: file("empty") }), "secret.unreadable"],
    ["a file that isn't there", () => ({ kind: "creds", credsFile: file("none") }), "secret.unreadable"],
    ["a seed that is none", () => ({ kind: "nkey", seedFile: file("secret") }), "secret.invalid"],
    ["creds that are none", () => ({ kind: "creds", credsFile: file("seed") }), "secret.invalid"],
  ])("is refused at start, not at the first connection: %s", (_, credentials, code) => {
    expect(() => readCredentials(credentials())).toThrow(expect.objectContaining({ code }));
  });
});

describe("toAuthenticator", () => {
  it("adds the proof to the credentials, and is never without an answer", () => {
    const proof = readProxyProof({ seedFile: file("seed") });
    const credentials = readCredentials({ kind: "token", tokenFile: file("secret") });
    expect(toAuthenticator(credentials, proof)("nonce")).toEqual({ auth_token: "s3cret", proxy_sig: proof("nonce") });
    expect(toAuthenticator(undefined, proof)("nonce")).toEqual({ auth_token: "", proxy_sig: proof("nonce") });
    expect(toAuthenticator(undefined, proof)(undefined)).toEqual({ auth_token: "" });
    expect(toAuthenticator(undefined, undefined)("nonce")).toEqual({ auth_token: "" });
    expect(pair.verify(Buffer.from("nonce"), Buffer.from(proof("nonce"), "base64url"))).toBe(true);
  });
});
