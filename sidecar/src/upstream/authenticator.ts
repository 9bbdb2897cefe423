import type { ConnectCredentials } from "@cortexos/wire";
import {
  credsAuthenticator,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
  type Authenticator,
} from "@nats-io/transport-node";
import { readSecret } from "../config/read-secret.ts";
import type { SidecarCredentials } from "../config/sidecar-config.ts";

/**
 * Reads credentials; what they sign is the nonce of the connection they are for.
 *
 * @throws SidecarError `secret.unreadable`.
 */
export function readAuthenticator(credentials: SidecarCredentials): Authenticator {
  switch (credentials.kind) {
    case "password":
      return usernamePasswordAuthenticator(credentials.user, readSecret(credentials.passwordFile));
    case "token":
      return tokenAuthenticator(readSecret(credentials.tokenFile));
    case "nkey":
      return nkeyAuthenticator(Buffer.from(readSecret(credentials.seedFile)));
    case "creds":
      return credsAuthenticator(Buffer.from(readSecret(credentials.credsFile)));
  }
}

const FIELDS = ["user", "pass", "auth_token", "jwt", "nkey", "sig"] as const;

/** What an authenticator puts into the CONNECT of a connection with this nonce. */
export function connectCredentials(authenticator: Authenticator, nonce: string | undefined): ConnectCredentials {
  const auth: Readonly<Record<string, unknown>> = { ...authenticator(nonce) };
  const credentials: Record<string, string> = {};
  for (const field of FIELDS) {
    const value = auth[field];
    if (typeof value === "string") credentials[field] = value;
  }
  return credentials;
}
