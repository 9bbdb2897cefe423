import { isIPv4 } from "node:net";
import type { SidecarConfig } from "./sidecar-config.ts";

/** Whether an address is this machine's own, as far as its text tells. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}

/** A warning for each upstream that is reached in plain text off loopback: credentials, proofs and messages can be read and changed on the way. */
export function plainUpstreams({ upstream }: SidecarConfig): readonly string[] {
  if (upstream.tls !== undefined) return [];
  return upstream.urls
    .filter((url) => !isLoopback(new URL(url).hostname.replace(/^\[(.*)\]$/, "$1")))
    .map((url) => `${url} is reached in plain text; give upstream.tls unless the way there is safe`);
}
