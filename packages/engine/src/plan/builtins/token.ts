import { parseJson } from "../values/json-parse.ts";
import { objectEntries, objectGet } from "../values/object.ts";
import { isObject, type ObjectValue, type Value } from "../values/value.ts";
import { textOfBytes } from "./bytes.ts";
import { decodeBase64Url } from "./encoding.ts";
import { attempt } from "./jwk.ts";
import { fails, stringOperand } from "./operands.ts";

/** A compact JWT, split and not yet trusted. */
export interface Token {
  readonly header: string;
  readonly payload: string;
  readonly signature: string;
}

export function splitToken(value: Value): Token {
  const text = stringOperand(value, 1);
  const [header = "", payload = "", signature = "", ...more] = text.split(".");
  const count = text.split(".").length;
  if (count !== 3 || more.length > 0) return fails(`encoded JWT must have 3 sections, found ${count}`);
  return { header, payload, signature };
}

/** What is signed. */
export function signedText({ header, payload }: Token): string {
  return `${header}.${payload}`;
}

export function decodeHeader(token: Token): ObjectValue {
  const header = jsonObject(textOfBytes(decodeBase64Url(token.header)));
  if (objectGet(header, "enc") !== undefined) return fails("JWT is a JWE object, which is not supported");
  return header;
}

export function payloadText(token: Token): string {
  return textOfBytes(decodeBase64Url(token.payload));
}

export function jsonObject(text: string): ObjectValue {
  const value = attempt(() => parseJson(text));
  return isObject(value) ? value : fails("decoded JSON type was not an Object");
}

/** The header's members that OPA understands. */
export interface TokenHeader {
  readonly alg: string;
  readonly kid: string;
  readonly cty: string;
  /** False when something critical isn't understood. */
  readonly isValid: boolean;
}

const KNOWN = new Set(["alg", "kid", "typ", "cty", "crit"]);

export function tokenHeader(header: ObjectValue): TokenHeader {
  const text = (name: string): string => {
    const value = objectGet(header, name) ?? "";
    return objectGet(header, name) === null || typeof value !== "string" ? fails(`${name}: must be a string`) : value;
  };
  const crit = objectGet(header, "crit");
  if (crit !== undefined && (!Array.isArray(crit) || !crit.some((name) => typeof name === "string"))) {
    return fails("crit: must be a nonempty list of strings");
  }
  const critical = new Set(Array.isArray(crit) ? crit.slice(0, leadingStrings(crit)) : []);
  const isUnknown = [...objectEntries(header)].some(
    ([name]) => !(typeof name === "string" && KNOWN.has(name)) && critical.has(name),
  );
  text("typ");
  const alg = text("alg");
  return { alg, kid: text("kid"), cty: text("cty"), isValid: alg !== "" && !isUnknown };
}

/** OPA stops reading the list at the first member that isn't a string. */
function leadingStrings(values: readonly Value[]): number {
  const end = values.findIndex((value) => typeof value !== "string");
  return end < 0 ? values.length : end;
}
