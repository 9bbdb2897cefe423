import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  X509Certificate,
  type JsonWebKey,
  type KeyObject,
} from "node:crypto";
import { JsonSyntaxFailure, parseJson } from "../values/json-parse.ts";
import { objectGet } from "../values/object.ts";
import { toJs } from "../values/to-js.ts";
import { isObject, type ObjectValue } from "../values/value.ts";
import { boundedCache } from "./bounded-cache.ts";
import { fails } from "./operands.ts";
import { decodePem } from "./pem.ts";

/** A key that may have signed a token. */
export interface VerificationKey {
  readonly alg: string;
  readonly kid: string;
  readonly key: KeyObject;
}

/** Algorithms a token may be signed with. */
export const TOKEN_ALGORITHMS: ReadonlySet<string> = new Set(
  "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 HS256 HS384 HS512 EdDSA".split(" "),
);

/** The keys of a PEM certificate, a PEM public key, a JWK or a set of JWKs. */
export const verificationKeys: (text: string) => readonly VerificationKey[] = boundedCache((text) => {
  const blocks = decodePem(text);
  const [block] = blocks;
  if (block === undefined) return jwks(text).flatMap(verificationKey);
  if (blocks.length > 1 || block.rest !== "") return fails("extra data after a PEM certificate block");
  return [{ alg: "", kid: "", key: attempt(() => pemKey(block.type, block.bytes)) }];
});

/** The first key of a JWK or a set of them, for signing. */
export function signingKey(text: string): KeyObject {
  const [jwk] = jwks(text);
  if (jwk === undefined) return fails("no keys found in JWK set");
  return importJwk(jwk);
}

function pemKey(type: string, bytes: Buffer): KeyObject {
  if (type === "CERTIFICATE") return new X509Certificate(bytes).publicKey;
  if (type === "PUBLIC KEY") return createPublicKey({ key: bytes, format: "der", type: "spki" });
  return fails("failed to extract a Key from the PEM certificate");
}

function jwks(text: string): readonly ObjectValue[] {
  const parsed = attempt(() => parseJson(text));
  if (!isObject(parsed)) return fails("failed to parse a JWK key (set)");
  const keys = objectGet(parsed, "keys");
  if (keys === undefined) return [parsed];
  return Array.isArray(keys) ? keys.filter(isObject) : fails("failed to parse a JWK key (set)");
}

function verificationKey(jwk: ObjectValue): readonly VerificationKey[] {
  const key = importJwk(jwk);
  const [alg, kid] = [textMember(jwk, "alg"), textMember(jwk, "kid")];
  return alg !== "" && !TOKEN_ALGORITHMS.has(alg) ? [] : [{ alg, kid, key }];
}

function textMember(jwk: ObjectValue, name: string): string {
  const value = objectGet(jwk, name);
  return typeof value === "string" ? value : "";
}

function importJwk(jwk: ObjectValue): KeyObject {
  const kind = textMember(jwk, "kty");
  if (kind === "oct") {
    const secret = Buffer.from(textMember(jwk, "k"), "base64url");
    return secret.length === 0 ? fails("JWK has no key material") : createSecretKey(secret);
  }
  const key = jsonWebKey(jwk);
  return attempt(() =>
    key.d === undefined ? createPublicKey({ key, format: "jwk" }) : createPrivateKey({ key, format: "jwk" }),
  );
}

function jsonWebKey(jwk: ObjectValue): JsonWebKey {
  const plain = toJs(jwk);
  return typeof plain === "object" && plain !== null && !Array.isArray(plain)
    ? Object.fromEntries(Object.entries(plain))
    : {};
}

/** Whatever the library throws is the built-in's error. */
export function attempt<T>(action: () => T): T {
  try {
    return action();
  } catch (reason) {
    if (reason instanceof JsonSyntaxFailure || reason instanceof Error) return fails(reason.message);
    throw reason;
  }
}
