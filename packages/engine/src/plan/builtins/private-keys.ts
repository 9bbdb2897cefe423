import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import type { UncheckedBuiltin } from "../run/builtin.ts";
import { fromJs } from "../values/from-js.ts";
import { numberFromBigInt } from "../values/number.ts";
import { RegoObject } from "../values/object.ts";
import type { Value } from "../values/value.ts";
import { decodeBase64 } from "./encoding.ts";
import { attempt } from "./jwk.ts";
import { fails, stringOperand } from "./operands.ts";
import { decodePem, type PemBlock } from "./pem.ts";

/** Private keys in PEM. */
export const PRIVATE_KEY_BUILTINS: Readonly<Record<string, UncheckedBuiltin>> = {
  "crypto.x509.parse_rsa_private_key": (_, pem: Value) => {
    const text = stringOperand(pem, 1);
    if (text === "") return fails("input PEM data was empty");
    const [key] = privateKeys(text.startsWith("-----BEGIN") ? text : decodeBase64(text).toString());
    return key === undefined ? null : fromJs({ ...key.privateKey.export({ format: "jwk" }) });
  },
  "crypto.parse_private_keys": (_, pem: Value) => {
    const text = stringOperand(pem, 1);
    return text === "" ? null : privateKeys(decodedOrPlain(text)).map(dumpPrivateKey);
  },
};

/** A private key with its public half. */
export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

function decodedOrPlain(text: string): string {
  return /^[A-Za-z0-9+/\r\n]*=*[\r\n]*$/.test(text) && text.replace(/[\r\n]/g, "").length % 4 === 0
    ? Buffer.from(text, "base64").toString()
    : text;
}

const FORMATS: ReadonlyMap<string, "pkcs1" | "pkcs8" | "sec1"> = new Map([
  ["RSA PRIVATE KEY", "pkcs1"],
  ["PRIVATE KEY", "pkcs8"],
  ["EC PRIVATE KEY", "sec1"],
]);

/** Kinds of keys that have a JSON form. */
const KINDS = new Set(["rsa", "ec", "ed25519"]);

function privateKeys(pem: string): readonly KeyPair[] {
  return decodePem(pem)
    .filter(({ type }) => FORMATS.has(type))
    .map((block) => privateKeyOf(block) ?? fails(`x509: failed to parse ${block.type}`));
}

/** The key in a block; undefined when it is none that is understood. */
export function privateKeyOf({ type, bytes }: PemBlock): KeyPair | undefined {
  const format = FORMATS.get(type);
  if (format === undefined) return undefined;
  return attempt(() => {
    const privateKey = createPrivateKey({ key: bytes, format: "der", type: format });
    return KINDS.has(privateKey.asymmetricKeyType ?? "")
      ? { privateKey, publicKey: createPublicKey(privateKey) }
      : undefined;
  });
}

/** A key as Go's JSON shows its structure. */
export function dumpPrivateKey({ privateKey }: KeyPair): Value {
  const { d, x, y, ...jwk } = privateKey.export({ format: "jwk" });
  switch (privateKey.asymmetricKeyType) {
    case "rsa":
      return dumpRsa({ ...jwk, d });
    case "ec":
      return RegoObject.of([
        ["Curve", new RegoObject()],
        ["X", number(x)],
        ["Y", number(y)],
        ["D", number(d)],
      ]);
    case "ed25519":
      return Buffer.concat([bytesOf(d), bytesOf(x)]).toString("base64");
    default:
      return fails("x509: unknown kind of private key");
  }
}

function dumpRsa({ n, e, d, p, q, dp, dq, qi }: Readonly<Record<string, string | undefined>>): Value {
  const precomputed = RegoObject.of([
    ["Dp", number(dp)],
    ["Dq", number(dq)],
    ["Qinv", number(qi)],
    ["CRTValues", []],
  ]);
  return RegoObject.of([
    ["N", number(n)],
    ["E", number(e)],
    ["D", number(d)],
    ["Primes", [number(p), number(q)]],
    ["Precomputed", precomputed],
  ]);
}

function bytesOf(text: string | undefined): Buffer {
  return Buffer.from(text ?? "", "base64url");
}

function number(text: string | undefined): Value {
  return numberFromBigInt(BigInt(`0x0${bytesOf(text).toString("hex")}`));
}
