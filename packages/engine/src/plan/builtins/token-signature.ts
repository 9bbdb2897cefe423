/* oxlint-disable max-params -- key, algorithm, message and signature, as everywhere */
import { constants, createHmac, sign, timingSafeEqual, verify, type KeyObject } from "node:crypto";
import { attempt } from "./jwk.ts";
import { fails } from "./operands.ts";

/** The digest of an algorithm's name, such as sha256 for RS256; undefined for one that isn't known. */
function digestOf(alg: string): string | undefined {
  return /^(?:RS|PS|ES|HS)(?:256|384|512)$/.test(alg) ? `sha${alg.slice(2)}` : undefined;
}

const KEY_TYPES: ReadonlyMap<string, string> = new Map([
  ["RS", "rsa"],
  ["PS", "rsa"],
  ["ES", "ec"],
  ["Ed", "ed25519"],
]);

interface SignOptions {
  readonly padding?: number;
  readonly saltLength?: number;
  readonly dsaEncoding?: "ieee-p1363";
}

function optionsOf(alg: string, saltLength: number): SignOptions {
  if (alg.startsWith("RS")) return { padding: constants.RSA_PKCS1_PADDING };
  if (alg.startsWith("PS")) return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
  return alg.startsWith("ES") ? { dsaEncoding: "ieee-p1363" } : {};
}

/** Whether the signature holds. A key of another kind never verifies. */
export function isSignedBy(key: KeyObject, alg: string, message: string, signature: Buffer): boolean {
  if (alg.startsWith("HS")) return key.type === "secret" && isMacOf(key, alg, message, signature);
  const digest = digestOf(alg);
  if (key.type !== "public" || key.asymmetricKeyType !== KEY_TYPES.get(alg.slice(0, 2))) return false;
  if (digest === undefined && alg !== "EdDSA") return false;
  const options = optionsOf(alg, constants.RSA_PSS_SALTLEN_AUTO);
  try {
    return verify(digest, Buffer.from(message), { key, ...options }, signature);
  } catch {
    // A signature whose shape the library refuses is a wrong signature.
    return false;
  }
}

/** Whether `signature` is the message's HMAC. */
export function isMacOf(secret: KeyObject | Buffer, alg: string, message: string, signature: Buffer): boolean {
  const digest = digestOf(alg);
  if (digest === undefined) return false;
  const mac = createHmac(digest, secret).update(message).digest();
  return mac.length === signature.length && timingSafeEqual(mac, signature);
}

export function signToken(key: KeyObject, alg: string, message: string): Buffer {
  const digest = digestOf(alg);
  if (alg.startsWith("HS")) {
    if (key.type !== "secret" || digest === undefined) return fails(`key doesn't fit algorithm ${alg}`);
    return createHmac(digest, key).update(message).digest();
  }
  if (key.type !== "private" || key.asymmetricKeyType !== KEY_TYPES.get(alg.slice(0, 2))) {
    return fails(`key doesn't fit algorithm ${alg}`);
  }
  const options = optionsOf(alg, constants.RSA_PSS_SALTLEN_DIGEST);
  return attempt(() => sign(digest, Buffer.from(message), { key, ...options }));
}
