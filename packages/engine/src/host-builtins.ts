import { BUILTINS } from "./plan/builtins/registry.ts";
import type { UncheckedBuiltin } from "./plan/run/builtin.ts";

/** Built-ins that answer differently each time or act on the world. A policy that needs one is refused. */
export const REFUSED_BUILTINS: ReadonlySet<string> = new Set([
  "crypto.x509.parse_and_verify_certificates",
  "crypto.x509.parse_and_verify_certificates_with_options",
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
 * What `policy.wasm` may ask its host for: only what is answered exactly as OPA does, and by the same code in every tier. opa-wasm's own
 * `sprintf`, `regex.split` and `yaml.*` are not exact and never reached.
 */
export const HOST_BUILTINS: ReadonlyMap<string, UncheckedBuiltin> = new Map(
  [...BUILTINS].filter(([name]) => !REFUSED_BUILTINS.has(name)),
);
