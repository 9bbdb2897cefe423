import type { RedactionRule } from "@cortexos/audit";
import type { SignatureAlgorithm } from "@cortexos/engine";
import type { JsonObject, PrincipalKind } from "@cortexos/protocol";
import type { BudgetLimit } from "@cortexos/stores";
import type { SidecarLimits } from "./limits.ts";
import type { StoresConfig } from "./stores-config.ts";

/** The effective configuration of a sidecar: validated, complete, paths absolute, secrets only as paths. */
export interface SidecarConfig {
  /** Names this sidecar in records; unique among those that write to one stream. */
  readonly name: string;
  /** Where clients connect; at least one. */
  readonly listeners: readonly ListenerConfig[];
  readonly upstream: UpstreamConfig;
  /** Who every client of this sidecar is whose listener says nothing else. Nothing a client says changes it. */
  readonly caller: CallerConfig;
  readonly bundle: BundleConfig;
  readonly records: RecordsConfig;
  readonly audit?: AuditConfig;
  /** Where throttles, budgets and held messages are kept; by default beside the records in JetStream, else in memory. */
  readonly stores: StoresConfig;
  /** What may be spent; a scope without any limit has nothing to spend. */
  readonly budgets: readonly BudgetLimit[];
  readonly admin: AdminConfig;
  readonly limits: SidecarLimits;
  readonly log: { readonly level: LogLevel };
}

/** A TCP address or a Unix socket. */
export type ListenerConfig = TcpListenerConfig | UnixListenerConfig;

export interface UnixListenerConfig {
  readonly kind: "unix";
  readonly path: string;
  /** Who its clients are; the sidecar's `caller` unless given. */
  readonly caller?: CallerConfig;
}

/** Off loopback it has `tls`, or says that it does without. */
export interface TcpListenerConfig {
  readonly kind: "tcp";
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Every client has to use TLS. */
  readonly tls?: ListenerTlsConfig;
  /** For an address off loopback: clients' bytes and credentials may be read on the way. */
  readonly plaintext?: "accept";
  /** Who its clients are; the sidecar's `caller` unless given. */
  readonly caller?: CallerConfig;
}

/** How clients' connections are secured. The files are PEM and read again when they change. */
export interface ListenerTlsConfig {
  readonly certFile: string;
  readonly keyFile: string;
  /** Whose certificates clients must show. */
  readonly clientCaFile?: string;
  /** TLS begins before INFO, for clients that want it so. */
  readonly handshakeFirst: boolean;
  /** Who a client is by its certificate; one that is mapped to none, or to two, is refused. */
  readonly callers?: readonly CertificateCallerConfig[];
}

export interface CertificateCallerConfig {
  /** One of the certificate's alternative names: `URI:spiffe://acme/agent-7`, `DNS:agent-7.acme`. */
  readonly certificate: string;
  readonly caller: CallerConfig;
}

export interface UpstreamConfig {
  /** `nats://host:port`; at least one. */
  readonly urls: readonly string[];
  /** Where one begins: anywhere, as official clients do, or with the first. Then in turn, and back to the one that worked last. */
  readonly order: "random" | "listed";
  /** Every connection is secured; none is where it is absent. */
  readonly tls?: UpstreamTlsConfig;
  /** How the connections of clients authenticate. */
  readonly credentials: UpstreamCredentials;
  /** How the sidecar's own connection does, for records and held messages; by default as `credentials`, when those are the sidecar's. */
  readonly ownCredentials?: SidecarCredentials;
  /** How the sidecar proves that a connection comes through it (ADR-55); a server that asks for no such proof is not connected to. */
  readonly proxy?: UpstreamProxyConfig;
}

/** How connections upstream are secured. The files are PEM and read again when they change. */
export interface UpstreamTlsConfig {
  /** Whose certificates servers must show; the authorities that Node knows unless given. */
  readonly caFile?: string;
  /** With `keyFile`: what the sidecar shows. */
  readonly certFile?: string;
  readonly keyFile?: string;
  /** The name that servers' certificates must be for; the host of their address unless given. */
  readonly serverName?: string;
  /** TLS begins before INFO, where the server wants it so. */
  readonly handshakeFirst: boolean;
}

/** The key whose public half nats-server names in `proxies.trusted`. */
export interface UpstreamProxyConfig {
  /** Holds an nkey seed. */
  readonly seedFile: string;
}

/** As the client does, or with what the sidecar holds. */
export type UpstreamCredentials = { readonly kind: "pass-through" } | SidecarCredentials;

/** Credentials that the sidecar holds, in files that no agent can read. */
export type SidecarCredentials =
  | { readonly kind: "password"; readonly user: string; readonly passwordFile: string }
  | { readonly kind: "token"; readonly tokenFile: string }
  | { readonly kind: "nkey"; readonly seedFile: string }
  | { readonly kind: "creds"; readonly credsFile: string };

export interface PrincipalConfig {
  readonly id: string;
  readonly kind: PrincipalKind;
  readonly roles: readonly string[];
  readonly tenant: string;
  readonly onBehalfOf?: string;
}

export interface CallerConfig {
  readonly principal: PrincipalConfig;
  readonly environment: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Trusted facts of the task, for policies that compare what is done with what was asked. */
  readonly session: { readonly prompt?: string; readonly declared: JsonObject };
}

/** Whose bundle is believed must be said: trusted keys, or `"unsigned": "accept"`. */
export interface BundleConfig {
  /** The bundle file (`.tar.gz`). */
  readonly path: string;
  readonly trustedKeys: readonly TrustedKeyConfig[];
  /** For trials: takes bundles that nobody signed. */
  readonly unsigned?: "accept";
  /** Keeps the last good bundle and its revision for the next start. Without it a restart takes any revision. */
  readonly stateFolder?: string;
  /** Load the bundle again when its file changes; SIGHUP always does. */
  readonly watch: boolean;
}

export interface TrustedKeyConfig {
  readonly keyId: string;
  readonly algorithm: SignatureAlgorithm;
  /** PEM. */
  readonly publicKeyFile: string;
  /** What its bundles must say they are for. */
  readonly scope?: string;
}

/** Where records go. `memory` loses them at exit: for trials only. */
export type RecordsConfig =
  | { readonly kind: "jetstream"; readonly stream: string; readonly subject: string }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "memory" };

/** What is done with records beside storing them. */
export interface AuditConfig {
  readonly checkpoints?: CheckpointsConfig;
  readonly redaction?: RedactionConfig;
}

/** Signed checkpoints of the records' chain, in another place than the records. */
export interface CheckpointsConfig {
  /** Ed25519, PEM. */
  readonly keyFile: string;
  /** Of the key, in the signatures; the sidecar's name unless given. */
  readonly keyName?: string;
  readonly place:
    { readonly kind: "file"; readonly path: string } | { readonly kind: "jetstream"; readonly stream: string };
}

/** What must not be in any record: an HMAC is in its place. */
export interface RedactionConfig {
  /** At least 32 characters that nobody guesses. */
  readonly keyFile: string;
  readonly rules: readonly RedactionRule[];
}

export interface AdminConfig {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Who may see and decide held messages. */
  readonly approvers: readonly ApproverConfig[];
}

export interface ApproverConfig {
  readonly tokenFile: string;
  readonly principal: PrincipalConfig;
}

/** Levels of the log, most verbose first. */
export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];
