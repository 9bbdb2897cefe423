import type { UncheckedBuiltin } from "../run/builtin.ts";
import { jsonText } from "../values/json-text.ts";
import { JsonSyntaxFailure, parseJson } from "../values/json-parse.ts";
import { RegoObject, sortedEntries } from "../values/object.ts";
import { toJsonValue } from "../values/to-js.ts";
import type { Value } from "../values/value.ts";
import { bytesOfText, textOfBytes } from "./bytes.ts";
import { booleanOperand, fails, objectOperand, stringOperand, wrongOperand } from "./operands.ts";
import { queryEscape, queryUnescape } from "./url.ts";

/** JSON, base64, hex and URL queries. */
export const ENCODING_BUILTINS: Readonly<Record<string, UncheckedBuiltin>> = {
  "json.marshal": (_, value: Value) => jsonText(value),
  "json.marshal_with_options": (_, value: Value, options: Value) => marshalWithOptions(value, options),
  "json.unmarshal": (_, text: Value) => unmarshal(stringOperand(text, 1)),
  "json.is_valid": (_, text: Value) => typeof text === "string" && isJson(text),
  "base64.encode": (_, text: Value) => bytesOfText(stringOperand(text, 1)).toString("base64"),
  "base64.decode": (_, text: Value) => textOfBytes(decodeBase64(stringOperand(text, 1))),
  "base64.is_valid": (_, text: Value) => typeof text === "string" && isBase64(text),
  "base64url.encode": (_, text: Value) => toUrlAlphabet(bytesOfText(stringOperand(text, 1)).toString("base64")),
  "base64url.encode_no_pad": (_, text: Value) => bytesOfText(stringOperand(text, 1)).toString("base64url"),
  "base64url.decode": (_, text: Value) => textOfBytes(decodeBase64Url(stringOperand(text, 1))),
  "hex.encode": (_, text: Value) => bytesOfText(stringOperand(text, 1)).toString("hex"),
  "hex.decode": (_, text: Value) => {
    const hex = stringOperand(text, 1);
    if (!/^(?:[0-9a-fA-F]{2})*$/.test(hex)) fails("encoding/hex: invalid text");
    return textOfBytes(Buffer.from(hex, "hex"));
  },
  "urlquery.encode": (_, text: Value) => queryEscape(stringOperand(text, 1)),
  "urlquery.decode": (_, text: Value) => queryUnescape(stringOperand(text, 1)),
  "urlquery.encode_object": (_, object: Value) => encodeObject(object),
  "urlquery.decode_object": (_, text: Value) => decodeObject(stringOperand(text, 1)),
};

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Go's strict standard base64, which only overlooks line breaks. */
export function decodeBase64(text: string): Buffer {
  const compact = text.replace(/[\r\n]/g, "");
  return BASE64.test(compact) ? Buffer.from(compact, "base64") : fails("illegal base64 data");
}

/** Base64url with or without padding. */
export function decodeBase64Url(text: string): Buffer {
  const padded = text.endsWith("=") ? text : text + ["", "x", "==", "="][Buffer.byteLength(text) % 4];
  if (/[+/]/.test(padded)) fails("illegal base64url data");
  return decodeBase64(padded.replace(/-/g, "+").replace(/_/g, "/"));
}

function isBase64(text: string): boolean {
  return BASE64.test(text.replace(/[\r\n]/g, ""));
}

function toUrlAlphabet(base64: string): string {
  return base64.replace(/\+/g, "-").replace(/\//g, "_");
}

function unmarshal(text: string): Value {
  try {
    return parseJson(text);
  } catch (reason) {
    if (reason instanceof JsonSyntaxFailure) fails(reason.message);
    throw reason;
  }
}

function isJson(text: string): boolean {
  try {
    parseJson(text);
    return true;
  } catch (reason) {
    if (reason instanceof JsonSyntaxFailure) return false;
    throw reason;
  }
}

function marshalWithOptions(value: Value, options: Value): string {
  let layout = { prefix: "", indent: "\t" };
  let isPretty: boolean | undefined;
  let isPrettyImplied = false;
  for (const [key, option] of sortedEntries(objectOperand(options, 2))) {
    if (key === "pretty") isPretty = booleanOperand(option, 2);
    else if (key === "prefix" || key === "indent") {
      layout = { ...layout, [key]: stringOperand(option, 2) };
      isPrettyImplied = true;
    } else wrongOperand(2, `object contained unknown key ${jsonText(key)}`);
  }
  return (isPretty ?? isPrettyImplied) ? layout.prefix + jsonText(value, layout) : jsonText(value);
}

function encodeObject(object: Value): string {
  const pairs: string[] = [];
  for (const [key, value] of sortedEntries(objectOperand(toJsonValue(objectOperand(object, 1)), 1))) {
    for (const member of Array.isArray(value) ? value : [value]) {
      if (typeof key !== "string" || typeof member !== "string") {
        return wrongOperand(1, "values must be string, array[string], or set[string]");
      }
      pairs.push(`${queryEscape(key)}=${queryEscape(member)}`);
    }
  }
  return pairs.join("&");
}

function decodeObject(query: string): Value {
  const object = new RegoObject();
  for (const part of query.split("&").filter((text) => text !== "")) {
    if (part.includes(";")) return fails("invalid semicolon separator in query");
    const at = part.indexOf("=");
    const key = queryUnescape(at < 0 ? part : part.slice(0, at));
    const present = object.get(key);
    const value = at < 0 ? "" : queryUnescape(part.slice(at + 1));
    object.set(key, Array.isArray(present) ? [...present, value] : [value]);
  }
  return object;
}
