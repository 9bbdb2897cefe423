import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { decodeJson } from "@cortexos/protocol";
import { reasonText, SidecarError } from "../sidecar-error.ts";
import { configFault } from "./config-fault.ts";
import { configSchema } from "./config-schema.ts";
import { applyEnvironment } from "./environment.ts";
import { CONFIG_BYTES_MAX } from "./limits.ts";
import { plainUpstreams } from "./plain-ways.ts";
import type {
  AuditConfig,
  CheckpointsConfig,
  ListenerConfig,
  SidecarConfig,
  UpstreamConfig,
} from "./sidecar-config.ts";

type MakeAbsolute = (path: string) => string;

/** What {@link loadConfig} gives. */
export interface LoadedConfig {
  readonly config: SidecarConfig;
  /** Things worth a line in the log at start. */
  readonly warnings: readonly string[];
}

/**
 * Reads a configuration file and the environment's overrides.
 *
 * @throws SidecarError `config.unreadable`, `config.not_json`, `config.invalid`.
 */
export function loadConfig(file: string, environment: Readonly<Record<string, string | undefined>>): LoadedConfig {
  const { document, unknown } = applyEnvironment(parseJson(readBytes(file), file), environment);
  const config = parseConfig(document, { directory: dirname(resolve(file)), source: file });
  const ignored = unknown.map((variable) => `the environment variable ${variable} is none of the sidecar's; ignored`);
  return { config, warnings: [...ignored, ...plainUpstreams(config)] };
}

/**
 * Validates a configuration document and fills in its defaults.
 *
 * @param document - what the file would hold, parsed.
 * @param origin - the folder that relative paths start from, and a name for messages.
 * @throws SidecarError `config.invalid`, naming every wrong key.
 */
export function parseConfig(
  document: unknown,
  origin: { readonly directory: string; readonly source: string },
): SidecarConfig {
  const result = configSchema.safeParse(document, { reportInput: true });
  if (!result.success) {
    const faults = result.error.issues.map(configFault).join("; ");
    throw new SidecarError("config.invalid", `${origin.source}: ${faults}`);
  }
  return withAbsolutePaths(result.data, (path) => resolve(origin.directory, path));
}

/** The effective configuration as the JSON that `--print-config` prints. Holds no secret: those are paths. */
export function printConfig(config: SidecarConfig): string {
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

function readBytes(file: string): Uint8Array {
  try {
    const { size } = statSync(file);
    if (size > CONFIG_BYTES_MAX) throw new Error(`larger than ${CONFIG_BYTES_MAX} bytes`);
    return readFileSync(file);
  } catch (cause) {
    throw new SidecarError("config.unreadable", `can't read the configuration: ${reasonText(cause)}`, { cause });
  }
}

function parseJson(bytes: Uint8Array, file: string): unknown {
  const decoded = decodeJson(bytes);
  if (decoded.ok) return decoded.value;
  const where = decoded.code === "payload.json" ? jsonFaultPlace(bytes) : "";
  throw new SidecarError("config.not_json", `${file}${where}: ${decoded.reason}`);
}

/** `:line:col` of the first byte that JSON can't have, as JSON.parse tells it; nothing where this Node doesn't. */
function jsonFaultPlace(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes);
  try {
    JSON.parse(text);
  } catch (cause) {
    const at = /at position (\d+)/.exec(reasonText(cause))?.[1];
    const before = text.slice(0, at === undefined ? text.trimEnd().length : Number(at));
    return `:${before.split("\n").length}:${before.length - before.lastIndexOf("\n")}`;
  }
  return "";
}

function withAbsolutePaths(config: SidecarConfig, absolute: MakeAbsolute): SidecarConfig {
  const { audit, bundle, records, stores, admin, upstream } = config;
  return {
    ...config,
    listeners: config.listeners.map((listener) => absoluteListener(listener, absolute)),
    upstream: absoluteUpstream(upstream, absolute),
    bundle: {
      ...bundle,
      path: absolute(bundle.path),
      ...(bundle.stateFolder !== undefined && { stateFolder: absolute(bundle.stateFolder) }),
      trustedKeys: bundle.trustedKeys.map((key) => ({ ...key, publicKeyFile: absolute(key.publicKeyFile) })),
    },
    records: records.kind === "file" ? { ...records, path: absolute(records.path) } : records,
    ...(audit !== undefined && { audit: absoluteAudit(audit, absolute) }),
    stores: stores.kind === "redis" ? absoluteFiles(stores, absolute) : stores,
    admin: { ...admin, approvers: admin.approvers.map((a) => ({ ...a, tokenFile: absolute(a.tokenFile) })) },
  };
}

function absoluteListener(listener: ListenerConfig, absolute: MakeAbsolute): ListenerConfig {
  if (listener.kind === "unix") return { ...listener, path: absolute(listener.path) };
  return listener.tls === undefined ? listener : { ...listener, tls: absoluteFiles(listener.tls, absolute) };
}

function absoluteAudit({ checkpoints, redaction }: AuditConfig, absolute: MakeAbsolute): AuditConfig {
  return {
    ...(checkpoints !== undefined && {
      checkpoints: { ...absoluteFiles(checkpoints, absolute), place: absolutePlace(checkpoints.place, absolute) },
    }),
    ...(redaction !== undefined && { redaction: absoluteFiles(redaction, absolute) }),
  };
}

function absolutePlace(place: CheckpointsConfig["place"], absolute: MakeAbsolute): CheckpointsConfig["place"] {
  return place.kind === "file" ? { ...place, path: absolute(place.path) } : place;
}

/** Whatever is named a file is one. */
function absoluteFiles<Part extends object>(part: Part, absolute: MakeAbsolute): Part {
  const absolutes = Object.entries(part).map(([key, value]: [string, unknown]) => [
    key,
    key.endsWith("File") && typeof value === "string" ? absolute(value) : value,
  ]);
  return { ...part, ...Object.fromEntries(absolutes) };
}

function absoluteUpstream(upstream: UpstreamConfig, absolute: MakeAbsolute): UpstreamConfig {
  const { credentials, ownCredentials, proxy, tls } = upstream;
  return {
    ...upstream,
    credentials: absoluteFiles(credentials, absolute),
    ...(ownCredentials !== undefined && { ownCredentials: absoluteFiles(ownCredentials, absolute) }),
    ...(proxy !== undefined && { proxy: absoluteFiles(proxy, absolute) }),
    ...(tls !== undefined && { tls: absoluteFiles(tls, absolute) }),
  };
}
