import type { Caller } from "@cortexos/protocol";
import type { Socket } from "node:net";
import type { CallerConfig, ListenerConfig } from "../config/sidecar-config.ts";
import { certificateNames } from "./secured-socket.ts";

/** Who a client is, but for the id of its session. */
export type CallerFacts = Omit<Caller, "session"> & { readonly session: Omit<Caller["session"], "id"> };

/**
 * Who a client is: what its certificate is mapped to where its listener maps certificates, else whom the listener is for, else whom the sidecar is for.
 * Nothing else that the client shows or says counts.
 *
 * @param client - connected; where certificates are mapped, after its handshake.
 * @returns nobody for a certificate that is mapped to none, or to two.
 */
export function callerOf(client: Socket, listener: ListenerConfig, byDefault: CallerConfig): CallerFacts | undefined {
  const callers = listener.kind === "tcp" ? listener.tls?.callers : undefined;
  if (callers === undefined) {
    const { caller } = listener;
    return caller === undefined ? toCaller(byDefault, "config") : toCaller(caller, "listener");
  }
  const names = certificateNames(client);
  const [match, other] = callers.filter(({ certificate }) => names.includes(certificate));
  if (match === undefined || other !== undefined) return undefined;
  return toCaller(match.caller, match.certificate.startsWith("URI:spiffe://") ? "spiffe" : "tls");
}

function toCaller({ principal, environment, labels, session }: CallerConfig, authenticatedBy: string): CallerFacts {
  const { id, kind, roles, tenant, onBehalfOf } = principal;
  return {
    principal: {
      id,
      kind,
      roles,
      tenant,
      ...(onBehalfOf !== undefined && { on_behalf_of: onBehalfOf }),
      authenticated_by: authenticatedBy,
    },
    environment,
    labels,
    source: "sidecar",
    session,
  };
}
