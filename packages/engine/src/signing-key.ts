import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from "node:crypto";
import { EngineError } from "./errors.ts";

/** Signature algorithms (RFC 7518, RFC 8037) that OPA and we share; all asymmetric, so that who verifies can't sign. */
export const SIGNATURE_ALGORITHMS = ["ES256", "RS256", "EdDSA"] as const;

export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];

/** What a bundle is signed with. */
export interface SigningKey {
  /** Goes into the signature's header, so that a verifier finds its key. */
  readonly keyId: string;
  readonly algorithm: SignatureAlgorithm;
  /** PEM: P-256 for ES256, RSA of at least 2048 bits for RS256, Ed25519 for EdDSA. */
  readonly privateKeyPem: string;
  /** What the bundle is for; a verifier must ask for the same. */
  readonly scope?: string;
}

/** A key whose signatures are believed. */
export interface TrustedKey {
  readonly keyId: string;
  /** The only algorithm this key is used with, whatever a signature's header says. */
  readonly algorithm: SignatureAlgorithm;
  /** PEM of the public key. */
  readonly publicKeyPem: string;
  /** The scope its bundles must name; none when absent. */
  readonly scope?: string;
}

const RSA_BITS_MIN = 2048;

/** @throws EngineError `engine.key` when the key is not one of its algorithm. */
export function signWith(key: SigningKey, text: string): Uint8Array {
  const privateKey = loadKey(key, () => createPrivateKey(key.privateKeyPem));
  const data = Buffer.from(text, "latin1");
  return sign(digestOf(key.algorithm), data, { key: privateKey, dsaEncoding: "ieee-p1363" });
}

/** @throws EngineError `engine.key` when the key is not one of its algorithm. */
export function verifyWith(key: TrustedKey, text: string, signature: Uint8Array): boolean {
  const publicKey = loadKey(key, () => createPublicKey(key.publicKeyPem));
  const data = Buffer.from(text, "latin1");
  return verify(digestOf(key.algorithm), data, { key: publicKey, dsaEncoding: "ieee-p1363" }, signature);
}

function digestOf(algorithm: SignatureAlgorithm): string | null {
  return algorithm === "EdDSA" ? null : "sha256";
}

function loadKey(
  key: { readonly keyId: string; readonly algorithm: SignatureAlgorithm },
  load: () => KeyObject,
): KeyObject {
  let loaded: KeyObject;
  try {
    loaded = load();
  } catch (reason) {
    throw new EngineError("engine.key", `key ${key.keyId}: not a PEM key`, { cause: reason });
  }
  if (!fits(loaded, key.algorithm))
    throw new EngineError("engine.key", `key ${key.keyId}: not a key for ${key.algorithm}`);
  return loaded;
}

function fits(key: KeyObject, algorithm: SignatureAlgorithm): boolean {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  switch (algorithm) {
    case "EdDSA":
      return type === "ed25519";
    case "ES256":
      return type === "ec" && details?.namedCurve === "prime256v1";
    case "RS256":
      return type === "rsa" && (details?.modulusLength ?? 0) >= RSA_BITS_MIN;
  }
}
