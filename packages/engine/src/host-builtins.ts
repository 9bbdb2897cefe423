import { createHash, createHmac } from "node:crypto";
import type { UncheckedBuiltin } from "./plan/run/builtin.ts";
import { RegoSet } from "./plan/values/set.ts";
import type { Value } from "./plan/values/value.ts";

/** Built-ins that answer differently each time or act on the world. A policy that needs one is refused. */
export const REFUSED_BUILTINS: ReadonlySet<string> = new Set([
  "http.send",
  "io.jwt.decode_verify",
  "io.jwt.encode_sign",
  "io.jwt.encode_sign_raw",
  "net.lookup_ip_addr",
  "opa.runtime",
  "rand.intn",
  "time.now_ns",
  "uuid.rfc4122",
]);

/**
 * What `policy.wasm` may ask its host for: only what is answered exactly as OPA does. opa-wasm's own `sprintf`, `regex.split` and `yaml.*`
 * are not exact and never reached.
 */
export const HOST_BUILTINS: ReadonlyMap<string, UncheckedBuiltin> = new Map<string, UncheckedBuiltin>([
  ["crypto.md5", (_, text) => hexDigest("md5", text)],
  ["crypto.sha1", (_, text) => hexDigest("sha1", text)],
  ["crypto.sha256", (_, text) => hexDigest("sha256", text)],
  ["crypto.hmac.md5", (_, text, key) => hexHmac("md5", text, key)],
  ["crypto.hmac.sha1", (_, text, key) => hexHmac("sha1", text, key)],
  ["crypto.hmac.sha256", (_, text, key) => hexHmac("sha256", text, key)],
  ["crypto.hmac.sha512", (_, text, key) => hexHmac("sha512", text, key)],
  ["base64url.encode_no_pad", (_, text) => encode(text, "base64url")],
  ["hex.encode", (_, text) => encode(text, "hex")],
  ["strings.any_prefix_match", (_, texts, starts) => anyPair(texts, starts, (text, start) => text.startsWith(start))],
  ["strings.any_suffix_match", (_, texts, ends) => anyPair(texts, ends, (text, end) => text.endsWith(end))],
]);

function hexDigest(algorithm: string, text: Value | undefined): string | undefined {
  return typeof text === "string" ? createHash(algorithm).update(text).digest("hex") : undefined;
}

function hexHmac(algorithm: string, text: Value | undefined, key: Value | undefined): string | undefined {
  if (typeof text !== "string" || typeof key !== "string") return undefined;
  return createHmac(algorithm, key).update(text).digest("hex");
}

function encode(text: Value | undefined, encoding: "base64url" | "hex"): string | undefined {
  return typeof text === "string" ? Buffer.from(text, "utf8").toString(encoding) : undefined;
}

function anyPair(
  left: Value | undefined,
  right: Value | undefined,
  test: (a: string, b: string) => boolean,
): boolean | undefined {
  const as = textsOf(left);
  const bs = textsOf(right);
  return as === undefined || bs === undefined ? undefined : as.some((a) => bs.some((b) => test(a, b)));
}

function textsOf(value: Value | undefined): readonly string[] | undefined {
  if (typeof value === "string") return [value];
  const members = value instanceof RegoSet ? value.sorted() : value;
  if (!Array.isArray(members)) return undefined;
  const texts = members.filter((member) => typeof member === "string");
  return texts.length === members.length ? texts : undefined;
}
