import { createHmac, generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BundleFiles } from "./archive.ts";
import { EngineError } from "./errors.ts";
import { signBundle, verifyBundle } from "./signature.ts";
import { signWith, type SignatureAlgorithm, type SigningKey, type TrustedKey } from "./signing-key.ts";

function makeKeys(algorithm: SignatureAlgorithm, keyId: string): { signing: SigningKey; trusted: TrustedKey } {
  const pair = {
    ES256: () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
    RS256: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
    EdDSA: () => generateKeyPairSync("ed25519"),
  }[algorithm]();
  const privateKeyPem = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const publicKeyPem = pair.publicKey.export({ type: "spki", format: "pem" }).toString();
  return { signing: { keyId, algorithm, privateKeyPem }, trusted: { keyId, algorithm, publicKeyPem } };
}

const { signing, trusted } = makeKeys("ES256", "release");
const other = makeKeys("ES256", "release");

const FILES: BundleFiles = new Map([
  [".manifest", Buffer.from('{"revision":"1"}')],
  ["data.json", Buffer.from('{"a":1.50}')],
  ["policy.wasm", Buffer.from("wasm")],
]);

const SIGNED = signBundle(FILES, signing);

function refusal(files: BundleFiles, keys: readonly TrustedKey[] = [trusted]): string {
  try {
    return `accepted ${verifyBundle(files, keys)}`;
  } catch (reason) {
    if (reason instanceof EngineError) return `${reason.code}: ${reason.message}`;
    throw reason;
  }
}

function withDocument(document: unknown): BundleFiles {
  return new Map([...FILES, [".signatures.json", Buffer.from(JSON.stringify(document))]]);
}

function tokenOf(files: BundleFiles): readonly [string, string, string] {
  const document = JSON.parse(Buffer.from(files.get(".signatures.json") ?? []).toString()) as { signatures: [string] };
  const [header = "", payload = "", signature = ""] = document.signatures[0].split(".");
  return [header, payload, signature];
}

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function parse(text: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(text, "base64url").toString()) as Record<string, unknown>;
}

/** The bundle with a token of these parts, signed as it should be unless a signature is given. */
function forged(header: unknown, payload: unknown, signature?: string): BundleFiles {
  const text = `${part(header)}.${part(payload)}`;
  const good = Buffer.from(signWith(signing, text)).toString("base64url");
  return withDocument({ signatures: [`${text}.${signature ?? good}`] });
}

const [headerText, payloadText, signatureText] = tokenOf(SIGNED);
const header = parse(headerText);
const payload = parse(payloadText);
const listed = payload["files"] as readonly Record<string, string>[];

describe("verifyBundle", () => {
  it.each(["ES256", "RS256", "EdDSA"] as const)("gives the key id for what signBundle signed with %s", (algorithm) => {
    const keys = makeKeys(algorithm, "k1");
    expect(refusal(signBundle(FILES, keys.signing), [trusted, keys.trusted])).toBe("accepted k1");
  });

  it("accepts the forged token's pattern when nothing is forged", () => {
    expect(refusal(forged(header, payload))).toBe("accepted release");
  });

  it("doesn't mind how JSON documents are laid out", () => {
    expect(refusal(new Map([...SIGNED, ["data.json", Buffer.from('{ "a" : 1.50 }\n')]]))).toBe("accepted release");
  });

  it.each([
    ["no signature", FILES],
    ["an empty document", withDocument({})],
    ["no JWT", withDocument({ signatures: [] })],
    ["two JWTs", withDocument({ signatures: [tokenOf(SIGNED).join("."), tokenOf(SIGNED).join(".")] })],
    ["an unknown plugin", withDocument({ signatures: [tokenOf(SIGNED).join(".")], plugin: "mine" })],
    ["an unknown field", withDocument({ signatures: [tokenOf(SIGNED).join(".")], skip: true })],
    ["no text", withDocument({ signatures: [1] })],
    ["two parts", withDocument({ signatures: [`${headerText}.${payloadText}`] })],
    ["four parts", withDocument({ signatures: [`${headerText}.${payloadText}.${signatureText}.x`] })],
    ["padded base64", withDocument({ signatures: [`${headerText}.${payloadText}.${signatureText}=`] })],
    ["an empty signature", forged(header, payload, "")],
    ["alg none", forged({ ...header, alg: "none" }, payload, "")],
    ["alg none with a signature", forged({ ...header, alg: "none" }, payload)],
    ["another algorithm", forged({ ...header, alg: "EdDSA" }, payload)],
    ["no algorithm", forged({ kid: "release" }, payload)],
    ["a critical header", forged({ ...header, crit: ["x"] }, payload)],
    ["a key in the header", forged({ ...header, jwk: {} }, payload)],
    ["an unknown kid", forged({ ...header, kid: "evil" }, payload)],
    ["no key id anywhere", forged({ alg: "ES256" }, { files: listed })],
    ["a scope that wasn't asked for", forged(header, { ...payload, scope: "dev" })],
    ["an unknown claim", forged(header, { ...payload, exp: 1 })],
    ["no files", forged(header, { keyid: "release" })],
    ["a file less", forged(header, { ...payload, files: listed.slice(1) })],
    ["a file more", forged(header, { ...payload, files: [...listed, { ...listed[0], name: "x.rego" }] })],
    ["a file twice", forged(header, { ...payload, files: [...listed, listed[0]] })],
    [
      "the signature itself among the files",
      forged(header, { ...payload, files: [...listed, { ...listed[0], name: ".signatures.json" }] }),
    ],
    ["another hash algorithm", forged(header, { ...payload, files: listed.map((f) => ({ ...f, algorithm: "MD5" })) })],
    ["a wrong hash", forged(header, { ...payload, files: listed.map((f) => ({ ...f, hash: "00" })) })],
    ["a changed payload", forged(header, payload, tokenOf(signBundle(FILES, other.signing))[2])],
    ["another key's signature", signBundle(FILES, other.signing)],
    ["a changed file", new Map([...SIGNED, ["policy.wasm", Buffer.from("evil")]])],
    ["changed data", new Map([...SIGNED, ["data.json", Buffer.from('{"a":1.5}')]])],
    ["an additional file", new Map([...SIGNED, ["x.rego", Buffer.from("")]])],
    ["a missing file", new Map([...SIGNED].filter(([path]) => path !== "data.json"))],
    ["a huge document", new Map([...FILES, [".signatures.json", new Uint8Array(5 * 1024 * 1024)]])],
  ])("refuses %s", (_, files) => {
    expect(refusal(files)).toMatch(/^bundle\.signature: /);
  });

  it("says which file it is about", () => {
    expect(refusal(new Map([...SIGNED, ["x.rego", Buffer.from("")]]))).toMatch(/x\.rego: not in the signature/);
    expect(refusal(new Map([...SIGNED].filter(([path]) => path !== "data.json")))).toMatch(
      /data\.json: signed but missing/,
    );
    expect(refusal(new Map([...SIGNED, ["policy.wasm", Buffer.from("evil")]]))).toMatch(/policy\.wasm: changed/);
  });

  it("refuses everything without keys", () => {
    expect(refusal(SIGNED, [])).toMatch(/^bundle\.signature: no trusted key/);
    expect(refusal(FILES, [])).toMatch(/^bundle\.signature: the bundle is not signed/);
  });

  it("refuses an HMAC over the public key, the classic confusion of keys", () => {
    const text = `${part({ alg: "HS256", kid: "release" })}.${part(payload)}`;
    const mac = createHmac("sha256", trusted.publicKeyPem).update(text).digest("base64url");
    expect(refusal(withDocument({ signatures: [`${text}.${mac}`] }))).toMatch(/^bundle\.signature: /);
  });

  it("uses a scope only when both sides name it", () => {
    const scoped = signBundle(FILES, { ...signing, scope: "prod" });
    expect(refusal(scoped, [{ ...trusted, scope: "prod" }])).toBe("accepted release");
    expect(refusal(SIGNED, [{ ...trusted, scope: "prod" }])).toMatch(/scope/);
    expect(refusal(scoped)).toMatch(/scope/);
  });

  it.each([
    [
      "a key of another algorithm",
      { ...trusted, algorithm: "ES256", publicKeyPem: makeKeys("RS256", "r").trusted.publicKeyPem },
    ],
    ["rubbish for a key", { ...trusted, publicKeyPem: "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----" }],
    ["a key on another curve", { ...trusted, publicKeyPem: otherCurveKey() }],
    ["a short RSA key", { keyId: "release", algorithm: "RS256", publicKeyPem: shortRsaKey() }],
  ] as const)("blames %s", (_, key) => {
    const bundle = key.algorithm === "RS256" ? forged({ ...header, alg: "RS256" }, payload) : SIGNED;
    expect(refusal(bundle, [key])).toMatch(/^engine\.key: /);
  });

  it("blames two keys with one id", () => {
    expect(refusal(SIGNED, [trusted, other.trusted])).toMatch(/^engine\.key: /);
  });

  it("throws nothing but EngineError for arbitrary and mutated signatures", () => {
    const good = Buffer.from(SIGNED.get(".signatures.json") ?? []);
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(), fc.nat({ max: 255 }), (bytes, at, byte) => {
        expect(refusal(new Map([...FILES, [".signatures.json", bytes]]))).toMatch(/^bundle\.signature/);
        const mutated = Buffer.from(good);
        mutated[at % mutated.length] = byte;
        const same = mutated.equals(good);
        expect(refusal(new Map([...FILES, [".signatures.json", mutated]]))).toMatch(
          same ? /^accepted/ : /^bundle\.signature/,
        );
      }),
    );
  });
});

function otherCurveKey(): string {
  const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
  return publicKey.export({ type: "spki", format: "pem" }).toString();
}

function shortRsaKey(): string {
  const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
  return publicKey.export({ type: "spki", format: "pem" }).toString();
}
