/* oxlint-disable no-control-regex -- control characters are what is looked for */
import type { UncheckedBuiltin } from "../run/builtin.ts";
import { RegoObject } from "../values/object.ts";
import type { Value } from "../values/value.ts";
import { bytesOfText, textOfBytes } from "./bytes.ts";
import { fails, stringOperand } from "./operands.ts";

/** URLs as Go's `net/url` takes them apart. */
export const URL_BUILTINS: Readonly<Record<string, UncheckedBuiltin>> = {
  "uri.parse": (_, text: Value) => parseUri(stringOperand(text, 1)),
  "uri.is_valid": (_, text: Value) => typeof text === "string" && text !== "" && isUri(text),
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
  return unescape(text.replace(/\+/g, " "));
}

function unescape(text: string): string {
  if (/%(?![0-9a-fA-F]{2})/.test(text)) return fails("invalid URL escape");
  if (!text.includes("%")) return text;
  const parts = text.split(/(%[0-9a-fA-F]{2})/).map((part) => {
    return part.startsWith("%") ? Buffer.from(part.slice(1), "hex") : bytesOfText(part);
  });
  return textOfBytes(Buffer.concat(parts));
}

function isUri(text: string): boolean {
  try {
    parseUri(text);
    return true;
  } catch {
    return false;
  }
}

function parseUri(text: string): RegoObject {
  const [beforeFragment = "", ...fragments] = text.split("#");
  const uri = new RegoObject();
  if (/[\u0000-\u001f\u007f]/.test(text)) fails("net/url: invalid control character in URL");
  const { scheme, rest } = splitScheme(beforeFragment);
  put(uri, "scheme", scheme);
  const question = rest.indexOf("?");
  const hierarchy = question < 0 ? rest : rest.slice(0, question);
  parseHierarchy(uri, hierarchy, scheme);
  put(uri, "raw_query", question < 0 ? "" : rest.slice(question + 1));
  put(uri, "fragment", unescape(fragments.join("#")));
  return uri;
}

function splitScheme(text: string): { readonly scheme: string; readonly rest: string } {
  const match = /^([a-zA-Z][a-zA-Z0-9+\-.]*):/.exec(text);
  if (text.startsWith(":")) return fails("missing protocol scheme");
  if (match?.[1] === undefined) return { scheme: "", rest: text };
  return { scheme: match[1].toLowerCase(), rest: text.slice(match[0].length) };
}

function parseHierarchy(uri: RegoObject, hierarchy: string, scheme: string): void {
  if (!hierarchy.startsWith("/")) {
    // Opaque, as in mailto:a@b; without a scheme, a first segment with a colon could be one.
    if (scheme !== "") return;
    if ((hierarchy.split("/", 1)[0] ?? "").includes(":")) fails("first path segment in URL cannot contain colon");
  }
  let path = hierarchy;
  if (hierarchy.startsWith("//") && (scheme !== "" || !hierarchy.startsWith("///"))) {
    const end = hierarchy.indexOf("/", 2);
    parseAuthority(uri, end < 0 ? hierarchy.slice(2) : hierarchy.slice(2, end));
    path = end < 0 ? "" : hierarchy.slice(end);
  }
  const plain = unescape(path);
  put(uri, "path", plain);
  // Go keeps the raw form only where it isn't what it would write itself.
  put(uri, "raw_path", path === escapePath(plain) ? plain : path);
}

function escapePath(path: string): string {
  return [...bytesOfText(path)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9\-_.~$&+,/:;=@]/.test(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}

function parseAuthority(uri: RegoObject, authority: string): void {
  const at = authority.lastIndexOf("@");
  const userinfo = at < 0 ? "" : authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(userinfo)) fails("net/url: invalid userinfo");
  unescape(userinfo);
  const host = authority.slice(at + 1);
  const match = /^(\[.*\]|[^[].*?|)(?::([^:]*))?$/s.exec(host) ?? fails("missing ']' in host");
  const [, name = "", port = ""] = match;
  if (!/^\d*$/.test(port)) fails("invalid port after host");
  const zone = name.startsWith("[") ? name.indexOf("%25") : -1;
  const plain = zone < 0 ? name : name.slice(0, zone);
  if (/[\u0000- #%/?@\\^`{|}\u007f]/.test(plain.replace(/%[89a-f][0-9a-f]/gi, "")))
    fails("invalid character in host name");
  put(uri, "hostname", unescape(name.startsWith("[") ? name.slice(1, -1) : name));
  put(uri, "port", port);
}

function put(uri: RegoObject, key: string, value: string): void {
  if (value !== "") uri.set(key, value);
}
