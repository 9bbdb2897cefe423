import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import type { SignatureAlgorithm, SigningKey, TrustedKey } from "@cortexos/engine";
import { CompilerError } from "./compiler-error.ts";

/** A new key pair for bundles, in PEM. */
export interface GeneratedKeys {
  readonly keyId: string;
  /** PKCS #8. */
  readonly privateKeyPem: string;
  /** SPKI. */
  readonly publicKeyPem: string;
}

/** Makes an Ed25519 key pair. Its signatures are deterministic, so that a signed bundle is reproducible as well. */
export function generateSigningKeys(): GeneratedKeys {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return {
    keyId: fingerprint(publicKey),
    privateKeyPem: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    publicKeyPem: publicKey.export({ format: "pem", type: "spki" }).toString(),
  };
}

/**
 * Reads a private key as one that signs bundles. The key says which algorithm it is for.
 *
 * @param pem - Ed25519, P-256 or RSA of at least 2048 bits; not encrypted.
 * @param keyId - name that verifiers know it by; the fingerprint of the public key when absent.
 * @throws CompilerError `compiler.key`.
 */
export function readSigningKey(pem: string, keyId?: string): SigningKey {
  const key = load(() => createPrivateKey(pem), "no private key in PEM");
  return { keyId: keyId ?? fingerprint(createPublicKey(key)), algorithm: algorithmOf(key), privateKeyPem: pem };
}

/**
 * Reads a public key as one whose bundles are believed.
 *
 * @throws CompilerError `compiler.key`.
 */
export function readTrustedKey(pem: string, keyId?: string): TrustedKey {
  // createPublicKey would take a private key as well, and a private key has no business where bundles are verified.
  if (/PRIVATE KEY/.test(pem)) throw new CompilerError("compiler.key", "a private key; give the public one");
  const key = load(() => createPublicKey(pem), "no public key in PEM");
  return { keyId: keyId ?? fingerprint(key), algorithm: algorithmOf(key), publicKeyPem: pem };
}

const KEY_ID_CHARS = 16;

/** First 16 hex digits of the SHA-256 of the public key (SPKI, DER). */
function fingerprint(publicKey: KeyObject): string {
  const der = publicKey.export({ format: "der", type: "spki" });
  return createHash("sha256").update(der).digest("hex").slice(0, KEY_ID_CHARS);
}

function load(read: () => KeyObject, message: string): KeyObject {
  try {
    return read();
  } catch (cause) {
    throw new CompilerError("compiler.key", message, { cause });
  }
}

function algorithmOf({ asymmetricKeyType }: KeyObject): SignatureAlgorithm {
  if (asymmetricKeyType === "ed25519") return "EdDSA";
  if (asymmetricKeyType === "ec") return "ES256";
  if (asymmetricKeyType === "rsa") return "RS256";
  throw new CompilerError(
    "compiler.key",
    `a key of type ${asymmetricKeyType ?? "unknown"}; take Ed25519, P-256 or RSA`,
  );
}
