import type { UncheckedBuiltin } from "../run/builtin.ts";
import { RegoObject } from "../values/object.ts";
import type { Value } from "../values/value.ts";
import { bytesOfText } from "./bytes.ts";
import { asGoUrl, escapePath, parseGoUrl, unescapeUrl, UrlFailure, type GoUrl } from "./go-url.ts";
import { fails, stringOperand } from "./operands.ts";

/** URLs as Go's `net/url` takes them apart. */
export const URL_BUILTINS: Readonly<Record<string, UncheckedBuiltin>> = {
  "uri.parse": (_, text: Value) => parseUri(stringOperand(text, 1)),
  "uri.is_valid": (_, text: Value) => typeof text === "string" && text !== "" && asGoUrl(text) !== undefined,
};

/** Go's `url.QueryEscape`. */
export function queryEscape(text: string): string {
  let out = "";
  for (const byte of bytesOfText(text)) {
    const character = String.fromCharCode(byte);
    if (/[A-Za-z0-9\-_.~]/.test(character)) out += character;
    else out += byte === 0x20 ? "+" : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return out;
}

/** Go's `url.QueryUnescape`. */
export function queryUnescape(text: string): string {
  try {
    return unescapeUrl(text.replace(/\+/g, " "));
  } catch (reason) {
    if (!(reason instanceof UrlFailure)) throw reason;
    return fails(reason.message);
  }
}

function parseUri(text: string): RegoObject {
  const { scheme, host, path, rawPath, query, fragment } = urlOf(text);
  const uri = new RegoObject();
  const [, literal, name = "", port = ""] = /^(?:\[(.*)\]|([^[]*?))(?::(\d*))?$/s.exec(host) ?? [];
  put(uri, "scheme", scheme);
  put(uri, "hostname", literal ?? name);
  put(uri, "port", port);
  put(uri, "path", path);
  // Go keeps the raw form only where it isn't what it would write itself.
  put(uri, "raw_path", rawPath === escapePath(path) ? path : rawPath);
  put(uri, "raw_query", query);
  put(uri, "fragment", fragment);
  return uri;
}

function urlOf(text: string): GoUrl {
  try {
    return parseGoUrl(text);
  } catch (reason) {
    if (!(reason instanceof UrlFailure)) throw reason;
    return fails(reason.message);
  }
}

function put(uri: RegoObject, key: string, value: string): void {
  if (value !== "") uri.set(key, value);
}
