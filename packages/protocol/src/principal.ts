/** What kind of actor a principal is. */
export type PrincipalKind = "agent" | "service" | "human";

/**
 * Who is asking, as the gate established it from a listener, a credential or a SPIFFE id; never as the message
 * claims. Serialised into the input exactly as it stands here.
 */
export interface Principal {
  readonly id: string;
  readonly kind: PrincipalKind;
  readonly roles: readonly string[];
  readonly tenant: string;
  /** The principal for whom this one acts, where delegation is configured. */
  readonly on_behalf_of?: string;
  /** How the identity was established, for example `config`, `nkey`, `tls`, `spiffe`. */
  readonly authenticated_by: string;
}
