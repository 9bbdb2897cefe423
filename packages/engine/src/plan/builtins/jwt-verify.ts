import { createSecretKey } from "node:crypto";
import type { BuiltinContext } from "../run/builtin.ts";
import { compareNumbers, numberFromText, numberToDouble, type NumberValue } from "../values/number.ts";
import { objectGet, RegoObject, sortedEntries } from "../values/object.ts";
import { isNumber, type ObjectValue, type Value } from "../values/value.ts";
import { bytesOfText } from "./bytes.ts";
import { decodeBase64Url } from "./encoding.ts";
import { verificationKeys, type VerificationKey } from "./jwk.ts";
import { fails, objectOperand } from "./operands.ts";
import { nowNs } from "./time.ts";
import { isSignedBy } from "./token-signature.ts";
import {
  decodeHeader,
  jsonObject,
  payloadText,
  signedText,
  splitToken,
  tokenHeader,
  type Token,
  type TokenHeader,
} from "./token.ts";

interface Constraints {
  readonly keys: readonly VerificationKey[];
  readonly alg: string;
  readonly iss: string;
  readonly aud: string;
  /** Seconds since 1970. */
  readonly time: NumberValue;
}

/** `[true, header, payload]` for a token that meets every constraint, else `[false, {}, {}]`. */
export function decodeVerify(context: BuiltinContext, ...args: readonly Value[]): Value {
  const [jwt = null, options = null] = args;
  const constraints = parseConstraints(context, objectOperand(options, 2));
  let value = jwt;
  for (;;) {
    const token = splitToken(value);
    const decoded = decodeHeader(token);
    const header = tokenHeader(decoded);
    if (!isTrusted(token, header, constraints)) return unverified();
    const text = payloadText(token);
    if (header.cty.toLowerCase() === "jwt") {
      value = text;
      continue;
    }
    const payload = jsonObject(text);
    return meets(payload, constraints) ? [true, decoded, payload] : unverified();
  }
}

function unverified(): Value {
  return [false, new RegoObject(), new RegoObject()];
}

function isTrusted(token: Token, header: TokenHeader, { keys, alg }: Constraints): boolean {
  if (!header.isValid || (alg !== "" && alg !== header.alg)) return false;
  const signature = decodeBase64Url(token.signature);
  const named = header.kid === "" ? undefined : keys.find(({ kid }) => kid === header.kid);
  const tried = named === undefined ? keys.filter((item) => item.alg === "" || item.alg === header.alg) : [named];
  return tried.some(({ key }) => isSignedBy(key, header.alg, signedText(token), signature));
}

const NAMES = new Set(["cert", "secret", "alg", "iss", "aud", "time"]);

function parseConstraints(context: BuiltinContext, options: ObjectValue): Constraints {
  for (const [name] of sortedEntries(options)) {
    if (typeof name !== "string" || !NAMES.has(name)) fails("unknown token validation constraint");
  }
  const text = (name: string): string => {
    const value = objectGet(options, name);
    if (value === undefined) return "";
    return typeof value === "string" ? value : fails(`${name} constraint: must be a string`);
  };
  const hasCert = objectGet(options, "cert") !== undefined;
  const cert = hasCert ? verificationKeys(text("cert")) : [];
  const secret = text("secret");
  if (hasCert && secret !== "") fails("duplicate key constraints");
  if (!hasCert && secret === "") fails("no key constraint");
  const key = secret === "" ? [] : [{ alg: "", kid: "", key: createSecretKey(bytesOfText(secret)) }];
  const time = secondsOf(objectGet(options, "time"), context);
  return { keys: [...cert, ...key], alg: text("alg"), iss: text("iss"), aud: text("aud"), time };
}

function secondsOf(time: Value | undefined, context: BuiltinContext): NumberValue {
  if (time !== undefined && !isNumber(time)) return fails("token time constraint: must be a number");
  const ns = time === undefined ? Number(nowNs(context)) : numberToDouble(time);
  if (!Number.isFinite(ns) || ns < 0) return fails("token time constraint: must not be negative");
  return numberFromText(String(ns / 1e9)) ?? 0;
}

function meets(payload: ObjectValue, { iss, aud, time }: Constraints): boolean {
  return isIssuer(payload, iss) && isAudience(payload, aud) && isCurrent(payload, time);
}

function isIssuer(payload: ObjectValue, wanted: string): boolean {
  if (wanted === "") return true;
  const iss = objectGet(payload, "iss");
  if (iss !== undefined && typeof iss !== "string") return fails("iss value must be a string");
  return iss === wanted;
}

function isAudience(payload: ObjectValue, wanted: string): boolean {
  const aud = objectGet(payload, "aud");
  if (aud === undefined) return wanted === "";
  return aud === wanted || (Array.isArray(aud) && aud.includes(wanted));
}

function isCurrent(payload: ObjectValue, time: NumberValue): boolean {
  const exp = objectGet(payload, "exp");
  if (exp !== undefined && !isNumber(exp)) return fails("exp value must be a number");
  if (exp !== undefined && compareNumbers(time, exp) >= 0) return false;
  const nbf = objectGet(payload, "nbf");
  if (nbf !== undefined && !isNumber(nbf)) return fails("nbf value must be a number");
  return nbf === undefined || compareNumbers(time, nbf) >= 0;
}
