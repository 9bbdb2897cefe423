import { parseGoUrl, UrlFailure, urlText, type GoUrl } from "../go-url.ts";
import { lookup } from "../../values/lookup.ts";
import { objectGet } from "../../values/object.ts";
import { isObject, type Value } from "../../values/value.ts";
import { refuseSchema } from "./sub-schema.ts";

/**
 * A reference as it is compared: its URL, a lone `#` being nothing.
 *
 * @throws SchemaFailure when it is no URL
 */
export function normalReference(text: string): string {
  return urlText(urlOf(text));
}

/** What a reference written below a base refers to. */
export function resolveReference(base: string, text: string): string {
  return urlText(resolve({ ...urlOf(base), fragment: "" }, urlOf(text)));
}

export function withoutFragment(reference: string): string {
  return urlText({ ...urlOf(reference), fragment: "" });
}

/** Whether a reference says by itself where it leads. */
export function isCanonical(reference: string): boolean {
  const { scheme, host, path } = urlOf(reference);
  return scheme === "file" ? path.startsWith("/") : scheme !== "" && host !== "";
}

function urlOf(text: string): GoUrl {
  try {
    return parseGoUrl(text);
  } catch (reason) {
    if (!(reason instanceof UrlFailure)) throw reason;
    return refuseSchema(reason.message);
  }
}

function resolve(base: GoUrl, to: GoUrl): GoUrl {
  const scheme = to.scheme === "" ? base.scheme : to.scheme;
  if (to.scheme !== "" || to.host !== "" || to.userinfo !== "") return { ...to, scheme, path: cleanPath("", to.path) };
  if (to.opaque !== "") return { ...to, scheme };
  const keepsQuery = to.path === "" && to.query === "";
  const query = keepsQuery ? base.query : to.query;
  const fragment = keepsQuery && to.fragment === "" ? base.fragment : to.fragment;
  if (to.path === "" && base.opaque !== "") return { ...base, query, fragment };
  return { ...base, query, fragment, path: cleanPath(base.path, to.path) };
}

/** The path that `to` leads to from `base`, without `.` and `..`, as Go's `url.ResolveReference` has it. */
function cleanPath(base: string, to: string): string {
  const full = to === "" ? base : to.startsWith("/") ? to : base.slice(0, base.lastIndexOf("/") + 1) + to;
  if (full === "") return "";
  const parts: string[] = [];
  const segments = full.replace(/^\//, "").split("/");
  for (const segment of segments) {
    if (segment === "..") parts.pop();
    else if (segment !== ".") parts.push(segment);
  }
  const last = segments.at(-1);
  if ((last === "." || last === "..") && parts.length > 0) parts.push("");
  return `/${parts.join("/").replace(/^\/+/, "")}`;
}

/** What a reference's fragment points to in a document. A fragment that is no JSON pointer stands for the document. */
export function followFragment(reference: string, document: Value): Value {
  const { fragment } = urlOf(reference);
  if (!fragment.startsWith("/")) return document;
  return fragment.slice(1).split("/").reduce(step, document);
}

function step(node: Value, token: string): Value {
  if (Array.isArray(node)) {
    if (!/^[+-]?\d+$/.test(token)) return refuseSchema(`Invalid array index '${token}'`);
    const found = lookup(node, Number(token));
    return found ?? refuseSchema(`Out of bound array[0,${node.length}] index '${Number(token)}'`);
  }
  if (!isObject(node)) return refuseSchema(`Invalid token reference '${token}'`);
  const key = token.replaceAll("~1", "/").replaceAll("~0", "~");
  return objectGet(node, key) ?? refuseSchema(`Object has no key '${key}'`);
}
