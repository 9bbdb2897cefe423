/* oxlint-disable max-params -- the context, and then what the policy passes */
import type { BuiltinContext, UncheckedBuiltin } from "../run/builtin.ts";
import { jsonText } from "../values/json-text.ts";
import { objectGet } from "../values/object.ts";
import { isObject, type Value } from "../values/value.ts";
import { bytesOfText } from "./bytes.ts";
import { decodeBase64Url } from "./encoding.ts";
import { attempt, signingKey, TOKEN_ALGORITHMS, verificationKeys } from "./jwk.ts";
import { decodeVerify } from "./jwt-verify.ts";
import { fails, stringOperand } from "./operands.ts";
import { isMacOf, isSignedBy, signToken } from "./token-signature.ts";
import { decodeHeader, jsonObject, payloadText, signedText, splitToken, tokenHeader } from "./token.ts";
import { trimSet } from "./letters.ts";
import { parseJson } from "../values/json-parse.ts";

/** JSON web tokens. */
export const JWT_BUILTINS: Readonly<Record<string, UncheckedBuiltin>> = {
  "io.jwt.decode": (_, token: Value) => decode(token),
  "io.jwt.decode_verify": decodeVerify,
  ...Object.fromEntries(
    ["rs256", "rs384", "rs512", "ps256", "ps384", "ps512", "es256", "es384", "es512"].map((name) => [
      `io.jwt.verify_${name}`,
      verifier(name.toUpperCase()),
    ]),
  ),
  "io.jwt.verify_eddsa": verifier("EdDSA"),
  ...Object.fromEntries(
    ["hs256", "hs384", "hs512"].map((name) => [`io.jwt.verify_${name}`, macVerifier(name.toUpperCase())]),
  ),
  "io.jwt.encode_sign": (_, headers: Value, payload: Value, key: Value) =>
    encodeSign(jsonText(headers), jsonText(payload), jsonText(key)),
  "io.jwt.encode_sign_raw": (_, headers: Value, payload: Value, key: Value) => {
    const jwk = stringOperand(key, 3);
    return encodeSign(stringOperand(headers, 1), stringOperand(payload, 2), jwk);
  },
};

function decode(value: Value): Value {
  const token = splitToken(value);
  const header = decodeHeader(token);
  const payload = payloadText(token);
  const cty = objectGet(header, "cty");
  if (cty !== undefined && typeof cty !== "string") return fails("cty: must be a string");
  if (cty === "JWT") return decode(trimSet(payload, "\"'", "both"));
  return [header, jsonObject(payload), decodeBase64Url(token.signature).toString("hex")];
}

function verifier(alg: string): UncheckedBuiltin {
  return (_: BuiltinContext, ...args: readonly Value[]) => {
    const [jwt = null, key = null] = args;
    const token = splitToken(jwt);
    const keys = verificationKeys(stringOperand(key, 2));
    const signature = decodeBase64Url(token.signature);
    const header = tokenHeader(decodeHeader(token));
    const named = header.kid === "" ? undefined : keys.find(({ kid }) => kid === header.kid);
    const tried = named === undefined ? keys.filter((item) => item.alg === "" || item.alg === header.alg) : [named];
    return tried.some((item) => isSignedBy(item.key, alg, signedText(token), signature));
  };
}

function macVerifier(alg: string): UncheckedBuiltin {
  return (_: BuiltinContext, ...args: readonly Value[]) => {
    const [jwt = null, secret = null] = args;
    const token = splitToken(jwt);
    return isMacOf(bytesOfText(stringOperand(secret, 2)), alg, signedText(token), decodeBase64Url(token.signature));
  };
}

function encodeSign(headers: string, payload: string, jwk: string): string {
  const key = signingKey(jwk);
  const parsed = attempt(() => parseJson(headers));
  const [alg, typ] = isObject(parsed) ? [objectGet(parsed, "alg"), objectGet(parsed, "typ")] : [undefined, undefined];
  if (typeof alg !== "string") return fails("missing or invalid 'alg' header");
  if (!TOKEN_ALGORITHMS.has(alg)) return fails(`unknown JWS algorithm: ${alg}`);
  if (typeof typ !== "string" || typ === "JWT") attempt(() => parseJson(payload));
  const message = [headers, payload].map((part) => bytesOfText(part).toString("base64url")).join(".");
  return `${message}.${signToken(key, alg, message).toString("base64url")}`;
}
