/* oxlint-disable no-control-regex -- control characters are what is looked for */

import { quote } from "../values/rego-text.ts";
import { bytesOfText, textOfBytes } from "./bytes.ts";
import { parseAddress } from "./ip-network.ts";

/** A URL as Go's `url.Parse` takes it apart. */
export interface GoUrl {
  readonly scheme: string;
  /** What follows the scheme when it doesn't begin with `/`, as in `mailto:a@b`. */
  readonly opaque: string;
  readonly userinfo: string;
  /** With the port. */
  readonly host: string;
  /** Unescaped. */
  readonly path: string;
  /** As written. */
  readonly rawPath: string;
  readonly query: string;
  /** Unescaped. */
  readonly fragment: string;
}

/** A text is no URL; Go's words. */
export class UrlFailure extends Error {
  override readonly name = "UrlFailure";
}

/**
 * Go's `url.Parse`.
 *
 * @throws UrlFailure
 */
export function parseGoUrl(text: string): GoUrl {
  try {
    return parse(text);
  } catch (reason) {
    if (!(reason instanceof UrlFailure)) throw reason;
    throw new UrlFailure(`parse ${quote(text)}: ${reason.message}`);
  }
}

/** {@link parseGoUrl}, undefined for what is no URL. */
export function asGoUrl(text: string): GoUrl | undefined {
  try {
    return parseGoUrl(text);
  } catch (reason) {
    if (!(reason instanceof UrlFailure)) throw reason;
    return undefined;
  }
}

const EMPTY: GoUrl = {
  scheme: "",
  opaque: "",
  userinfo: "",
  host: "",
  path: "",
  rawPath: "",
  query: "",
  fragment: "",
};

function parse(text: string): GoUrl {
  const hash = text.indexOf("#");
  const beforeFragment = hash < 0 ? text : text.slice(0, hash);
  if (/[\u0000-\u001f\u007f]/.test(beforeFragment)) fault("net/url: invalid control character in URL");
  const url = beforeFragment === "*" ? { ...EMPTY, path: "*", rawPath: "*" } : parseWithoutFragment(beforeFragment);
  return { ...url, fragment: unescapeUrl(hash < 0 ? "" : text.slice(hash + 1)) };
}

function parseWithoutFragment(text: string): GoUrl {
  if (text.startsWith(":")) fault("missing protocol scheme");
  const match = /^([a-zA-Z][a-zA-Z0-9+\-.]*):/.exec(text);
  const scheme = (match?.[1] ?? "").toLowerCase();
  const rest = text.slice(match?.[0].length ?? 0);
  const question = rest.indexOf("?");
  const hierarchy = question < 0 ? rest : rest.slice(0, question);
  const query = question < 0 ? "" : rest.slice(question + 1);
  return { ...EMPTY, ...parseHierarchy(hierarchy, scheme), scheme, query };
}

function parseHierarchy(text: string, scheme: string): Partial<GoUrl> {
  if (!text.startsWith("/")) {
    if (scheme !== "") return { opaque: text };
    // It could be a scheme.
    if ((text.split("/", 1)[0] ?? "").includes(":")) fault("first path segment in URL cannot contain colon");
  }
  const hasAuthority = text.startsWith("//") && (scheme !== "" || !text.startsWith("///"));
  const end = hasAuthority ? text.indexOf("/", 2) : 0;
  const authority = hasAuthority ? text.slice(2, end < 0 ? undefined : end) : "";
  const rawPath = end < 0 ? "" : text.slice(end);
  const at = authority.lastIndexOf("@");
  const userinfo = authority.slice(0, Math.max(0, at));
  const host = parseHost(authority.slice(at + 1));
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(userinfo)) fault("net/url: invalid userinfo");
  unescapeUrl(userinfo);
  return { userinfo, host, path: unescapeUrl(rawPath), rawPath };
}

function parseHost(text: string): string {
  const [, literal, name = "", port] = /^(?:\[(.*)\]|([^[]*?))(:[^:\]]*)?$/s.exec(text) ?? fault("missing ']' in host");
  if (port !== undefined && !/^:\d*$/.test(port)) fault(`invalid port ${quote(port)} after host`);
  // A zone may have any escape; elsewhere they are those of bytes that aren't ASCII.
  const [address = "", ...zone] = (literal ?? name).split("%25");
  const checked = literal === undefined ? name : address;
  const wrong = /[\u0000- #%/?@\\^`{|}\u007f]/.exec(checked.replace(/%[89a-f][0-9a-f]/gi, ""))?.[0];
  if (wrong === "%") fault(`invalid URL escape ${quote(checked.slice(checked.indexOf("%")).slice(0, 3))}`);
  if (wrong !== undefined) fault(`invalid character ${quote(wrong)} in host name`);
  if (literal === undefined) {
    if (name.includes(":")) fault(`invalid port ${quote(name.slice(name.indexOf(":")) + (port ?? ""))} after host`);
    return unescapeUrl(name) + (port ?? "");
  }
  if (!address.includes(":") || parseAddress(address) === undefined) fault("invalid IP-literal");
  return `[${[address, ...zone.map(unescapeUrl)].join("%")}]${port ?? ""}`;
}

/** Bytes for their escapes; `+` stays. */
export function unescapeUrl(text: string): string {
  const wrong = /%(?![0-9a-fA-F]{2})..?|%$/s.exec(text);
  if (wrong !== null) fault(`invalid URL escape ${quote(text.slice(wrong.index, wrong.index + 3))}`);
  if (!text.includes("%")) return text;
  const parts = text.split(/(%[0-9a-fA-F]{2})/);
  const bytes = parts.map((part) => (part.startsWith("%") ? Buffer.from(part.slice(1), "hex") : bytesOfText(part)));
  return textOfBytes(Buffer.concat(bytes));
}

function fault(message: string): never {
  throw new UrlFailure(message);
}

/** The URL as Go writes it. */
export function urlText({ scheme, opaque, userinfo, host, path, query, fragment }: GoUrl): string {
  const start = scheme === "" ? "" : `${scheme}:`;
  const hasAuthority = host !== "" || userinfo !== "" || (scheme !== "" && path.startsWith("//"));
  const authority = hasAuthority ? `//${userinfo === "" ? "" : `${userinfo}@`}${host}` : "";
  const rest = opaque === "" ? authority + escapeUrl(path, PATH) : opaque;
  return (
    start + rest + (query === "" ? "" : `?${query}`) + (fragment === "" ? "" : `#${escapeUrl(fragment, FRAGMENT)}`)
  );
}

const PATH = /[A-Za-z0-9\-_.~$&+,/:;=@]/;
const FRAGMENT = /[A-Za-z0-9\-_.~$&+,/:;=?@!()*]/;

/** The path as Go would write it. */
export function escapePath(path: string): string {
  return escapeUrl(path, PATH);
}

function escapeUrl(text: string, plain: RegExp): string {
  return [...bytesOfText(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return plain.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}
