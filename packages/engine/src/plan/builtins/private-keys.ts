import { createPrivateKey, type KeyObject } from "node:crypto";
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
    return key === undefined ? null : fromJs({ ...key.export({ format: "jwk" }) });
  },
  "crypto.parse_private_keys": (_, pem: Value) => {
    const text = stringOperand(pem, 1);
    return text === "" ? null : privateKeys(decodedOrPlain(text)).map(goKey);
  },
};

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

function privateKeys(pem: string): readonly KeyObject[] {
  return decodePem(pem).flatMap((block) => privateKey(block) ?? []);
}

function privateKey({ type, bytes }: PemBlock): KeyObject | undefined {
  const format = FORMATS.get(type);
  return format === undefined
    ? undefined
    : attempt(() => createPrivateKey({ key: bytes, format: "der", type: format }));
}

/** A key as Go dumps its structure: RSA only, whose fields are numbers. */
function goKey(key: KeyObject): Value {
  const { n, e, d, p, q, dp, dq, qi } = key.export({ format: "jwk" });
  if (key.asymmetricKeyType !== "rsa") return fails("only RSA keys can be taken apart");
  const number = (text: string | undefined): Value =>
    numberFromBigInt(BigInt(`0x0${Buffer.from(text ?? "", "base64url").toString("hex")}`));
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
