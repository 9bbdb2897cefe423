import type { Buffer } from "node:buffer";
import { parseStrictObject } from "./json-object.ts";
import type { ClientLeg, ServerInfo } from "./session-types.ts";

/** Reads the JSON of an INFO; `undefined` when it isn't an object. */
export function parseInfo(bytes: Buffer, start: number, end: number): ServerInfo | undefined {
  const object = parseStrictObject(bytes.toString("utf8", start, end));
  if (object === undefined) return undefined;
  const { values } = object;
  const maxPayload = values.get("max_payload");
  const nonce = values.get("nonce");
  const urls = values.get("connect_urls");
  return {
    ...(typeof maxPayload === "number" &&
      Number.isSafeInteger(maxPayload) &&
      maxPayload > 0 && { payloadBytesMax: maxPayload }),
    ...(typeof nonce === "string" && { nonce }),
    authRequired: values.get("auth_required") === true,
    tlsRequired: values.get("tls_required") === true,
    headers: values.get("headers") === true,
    lameDuck: values.get("ldm") === true,
    connectUrls: Array.isArray(urls) ? urls.filter((url) => typeof url === "string") : [],
    fields: Object.fromEntries(values),
  };
}

/**
 * The INFO for the client. It names the sidecar wherever it named the server, so that no client learns a way around; it speaks of the client's own leg; keys
 * that we don't know stay.
 *
 * @param payloadBytesMax - largest publish that we take.
 */
export function rewriteInfo(
  info: ServerInfo,
  leg: ClientLeg,
  payloadBytesMax: number,
): Readonly<Record<string, unknown>> {
  const rewritten: Record<string, unknown> = { ...info.fields, host: leg.host, port: leg.port };
  for (const key of OF_ANOTHER_LEG) delete rewritten[key];
  if ("ip" in rewritten) rewritten["ip"] = leg.host;
  if ("connect_urls" in rewritten) rewritten["connect_urls"] = [hostPort(leg)];
  if (leg.tls?.required === true) rewritten["tls_required"] = true;
  if (leg.tls?.available === true) rewritten["tls_available"] = true;
  if (leg.tls?.verify === true) rewritten["tls_verify"] = true;
  if (leg.injectsCredentials) delete rewritten["auth_required"];
  if (info.payloadBytesMax !== undefined) rewritten["max_payload"] = Math.min(info.payloadBytesMax, payloadBytesMax);
  return rewritten;
}

/** What the server says of its own listeners. */
const OF_ANOTHER_LEG = ["ws_connect_urls", "tls_required", "tls_available", "tls_verify"] as const;

function hostPort({ host, port }: ClientLeg): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
