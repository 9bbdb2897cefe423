import type { Authenticator } from "@nats-io/transport-node";
import { readSecret } from "../config/read-secret.ts";
import type { SidecarCredentials, UpstreamProxyConfig } from "../config/sidecar-config.ts";
import { SidecarError } from "../sidecar-error.ts";
import { createSigningKey, type SigningKey } from "./signing-key.ts";

/** What a connection authenticates with, from the nonce of its INFO. Never throws. */
export type Credentials = (nonce: string | undefined) => Exclude<ReturnType<Authenticator>, void>;

/**
 * Reads credentials; what they sign is the nonce of the connection they are for.
 *
 * @throws SidecarError `secret.unreadable`, `secret.invalid`.
 */
export function readCredentials(credentials: SidecarCredentials): Credentials {
  switch (credentials.kind) {
    case "password": {
      const fields = { user: credentials.user, pass: readSecret(credentials.passwordFile) };
      return () => fields;
    }
    case "token": {
      const fields = { auth_token: readSecret(credentials.tokenFile) };
      return () => fields;
    }
    case "nkey":
      return signedBy(createSigningKey(readSecret(credentials.seedFile), credentials.seedFile));
    case "creds":
      return readCreds(credentials.credsFile);
  }
}

/** Proves to nats-server that a connection comes through the sidecar (ADR-55). */
export type ProxyProof = (nonce: string) => string;

/**
 * Reads the key that nats-server names in `proxies.trusted`. With `proxy_required`, only a connection that shows its signature is let in.
 *
 * @throws SidecarError `secret.unreadable`, `secret.invalid`.
 */
export function readProxyProof({ seedFile }: UpstreamProxyConfig): ProxyProof {
  const key = createSigningKey(readSecret(seedFile), seedFile);
  return (nonce) => key.sign(nonce);
}

/** What the client library puts into the CONNECT of the sidecar's own connection. It must not throw: the library would close for good. */
export function toAuthenticator(credentials: Credentials | undefined, proof: ProxyProof | undefined): Authenticator {
  return (nonce) => ({
    ...(credentials?.(nonce) ?? NO_CREDENTIALS),
    ...(proof !== undefined && nonce !== undefined && { proxy_sig: proof(nonce) }),
  });
}

/** To nats-server an empty token is none. */
const NO_CREDENTIALS = { auth_token: "" };

function signedBy(key: SigningKey): Credentials {
  return (nonce) => ({ nkey: key.publicKey, sig: nonce === undefined ? "" : key.sign(nonce) });
}

/** A creds file: a JWT and a seed, each between lines of dashes. */
function readCreds(file: string): Credentials {
  const parts = [...readSecret(file).matchAll(/-{3,}BEGIN [^\n]*-{3,}\s+(?<content>[\w.-]+)\s+-{3,}END /g)];
  const [jwt, seed] = parts.map((part) => part.groups?.["content"] ?? "");
  if (jwt === undefined || seed === undefined) {
    throw new SidecarError("secret.invalid", `${file}: not a creds file: expected a JWT and an nkey seed`);
  }
  const signed = signedBy(createSigningKey(seed, file));
  return (nonce) => ({ jwt, ...signed(nonce) });
}
