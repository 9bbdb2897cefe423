import { createPublicKey, type KeyObject } from "node:crypto";
import { attempt } from "../jwk.ts";
import { fails } from "../operands.ts";
import { Der, TAG } from "./der.ts";

/** A certificate's key, with what of it is shown. */
export type PublicKey =
  | { readonly kind: "rsa"; readonly modulus: bigint; readonly exponent: bigint; readonly key: KeyObject | undefined }
  | { readonly kind: "ec"; readonly x: bigint; readonly y: bigint; readonly key: KeyObject }
  | { readonly kind: "ed25519"; readonly bytes: Buffer; readonly key: KeyObject }
  | { readonly kind: "dsa"; readonly p: bigint; readonly q: bigint; readonly g: bigint; readonly y: bigint }
  | { readonly kind: "unknown" };

const NAMES: ReadonlyMap<string, PublicKey["kind"]> = new Map([
  ["1.2.840.113549.1.1.1", "rsa"],
  ["1.2.840.10045.2.1", "ec"],
  ["1.3.101.112", "ed25519"],
  ["1.2.840.10040.4.1", "dsa"],
]);

/** Go's numbers for the algorithms of keys. */
export const KEY_ALGORITHM: Readonly<Record<PublicKey["kind"], number>> = {
  unknown: 0,
  rsa: 1,
  dsa: 2,
  ec: 3,
  ed25519: 4,
};

/** Curves that Go knows, and the bytes of a coordinate. */
const CURVES: ReadonlyMap<string, number> = new Map([
  ["1.3.132.0.33", 28],
  ["1.2.840.10045.3.1.7", 32],
  ["1.3.132.0.34", 48],
  ["1.3.132.0.35", 66],
]);

const ED25519_BYTES = 32;

export function parsePublicKey(raw: Buffer): PublicKey {
  const info = new Der(raw).inner(TAG.sequence, "malformed spki");
  const algorithm = info.inner(TAG.sequence, "malformed public key algorithm identifier");
  const kind = NAMES.get(algorithm.oid("malformed OID").join("."));
  const parameters = algorithm.rest;
  if (!algorithm.isEmpty) algorithm.any("malformed parameters");
  const bits = info.bits("malformed subjectPublicKey").bytes;
  switch (kind) {
    case "rsa":
      return rsaKey(raw, parameters, bits);
    case "ec":
      return ecKey(raw, parameters, bits);
    case "dsa":
      return dsaKey(parameters, bits);
    case "ed25519":
      if (parameters.length > 0) return fails("x509: Ed25519 key encoded with illegal parameters");
      if (bits.length !== ED25519_BYTES) return fails("x509: wrong Ed25519 public key size");
      return { kind, bytes: bits, key: keyObject(raw) ?? fails("x509: invalid Ed25519 public key") };
    default:
      return { kind: "unknown" };
  }
}

function rsaKey(raw: Buffer, parameters: Buffer, bits: Buffer): PublicKey {
  if (!parameters.equals(Buffer.from([TAG.null, 0]))) fails("x509: RSA key missing NULL parameters");
  const sequence = new Der(bits).inner(TAG.sequence, "invalid RSA public key");
  const modulus = sequence.integer("invalid RSA modulus");
  const exponent = sequence.integer("invalid RSA public exponent");
  if (modulus <= 0n) fails("x509: RSA modulus is not a positive number");
  if (exponent <= 0n) fails("x509: RSA public exponent is not a positive number");
  return { kind: "rsa", modulus, exponent, key: keyObject(raw) };
}

function ecKey(raw: Buffer, parameters: Buffer, bits: Buffer): PublicKey {
  const size = CURVES.get(new Der(parameters).oid("invalid ECDSA parameters").join("."));
  if (size === undefined) return fails("x509: unsupported elliptic curve");
  const key = bits[0] === 4 && bits.length === 1 + 2 * size ? keyObject(raw) : undefined;
  if (key === undefined) return fails("crypto/ecdsa: invalid uncompressed public key");
  return { kind: "ec", x: unsigned(bits.subarray(1, 1 + size)), y: unsigned(bits.subarray(1 + size)), key };
}

function dsaKey(parameters: Buffer, bits: Buffer): PublicKey {
  const y = new Der(bits).integer("invalid DSA public key");
  const sequence = new Der(parameters).inner(TAG.sequence, "invalid DSA parameters");
  const [p, q, g] = [1, 2, 3].map(() => sequence.integer("invalid DSA parameters"));
  const [first = 0n, second = 0n, third = 0n] = [p, q, g];
  if ([first, second, third, y].some((value) => value <= 0n)) fails("x509: zero or negative DSA parameter");
  return { kind: "dsa", p: first, q: second, g: third, y };
}

function keyObject(raw: Buffer): KeyObject | undefined {
  return attempt(() => createPublicKey({ key: raw, format: "der", type: "spki" }));
}

function unsigned(bytes: Buffer): bigint {
  return BigInt(`0x0${bytes.toString("hex")}`);
}
