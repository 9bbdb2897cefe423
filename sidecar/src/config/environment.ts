import { LIMITS } from "./limits.ts";

type Environment = Readonly<Record<string, string | undefined>>;
type ReadValue = (text: string) => unknown;

interface Override {
  readonly path: readonly string[];
  readonly read: ReadValue;
}

const asText: ReadValue = (text) => text;
const asNumber: ReadValue = (text) => (/^-?\d+$/.test(text) ? Number(text) : text);
const asBoolean: ReadValue = (text) => (text === "true" ? true : text === "false" ? false : text);
const asList: ReadValue = (text) => text.split(",").map((item) => item.trim());
const asListeners: ReadValue = (text) => asListOfText(text).map(readListener);

const PREFIX = "CORTEXOS_";

/** Variables of this name that are not the sidecar's own. */
const OTHERS: ReadonlySet<string> = new Set(["CORTEXOS_ADMIN_URL", "CORTEXOS_ADMIN_TOKEN_FILE"]);

/** Environment variables that override the file, by name. */
export const OVERRIDES: ReadonlyMap<string, Override> = new Map([
  ["CORTEXOS_NAME", { path: ["name"], read: asText }],
  ["CORTEXOS_LISTENERS", { path: ["listeners"], read: asListeners }],
  ["CORTEXOS_UPSTREAM_URLS", { path: ["upstream", "urls"], read: asList }],
  ["CORTEXOS_PRINCIPAL_ID", { path: ["caller", "principal", "id"], read: asText }],
  ["CORTEXOS_PRINCIPAL_ROLES", { path: ["caller", "principal", "roles"], read: asList }],
  ["CORTEXOS_PRINCIPAL_TENANT", { path: ["caller", "principal", "tenant"], read: asText }],
  ["CORTEXOS_ENVIRONMENT", { path: ["caller", "environment"], read: asText }],
  ["CORTEXOS_BUNDLE_PATH", { path: ["bundle", "path"], read: asText }],
  ["CORTEXOS_BUNDLE_WATCH", { path: ["bundle", "watch"], read: asBoolean }],
  ["CORTEXOS_STORES_KIND", { path: ["stores", "kind"], read: asText }],
  ["CORTEXOS_STORES_URL", { path: ["stores", "url"], read: asText }],
  ["CORTEXOS_ADMIN_HOST", { path: ["admin", "host"], read: asText }],
  ["CORTEXOS_ADMIN_PORT", { path: ["admin", "port"], read: asNumber }],
  ["CORTEXOS_LOG_LEVEL", { path: ["log", "level"], read: asText }],
  ...Object.keys(LIMITS).map((limit): [string, Override] => [
    `${PREFIX}LIMITS_${upperSnake(limit)}`,
    { path: ["limits", limit], read: asNumber },
  ]),
]);

/**
 * Lays the environment's values over a parsed configuration file.
 *
 * @returns the merged document, unvalidated, and variables that look like overrides but aren't.
 */
export function applyEnvironment(
  document: unknown,
  environment: Environment,
): { readonly document: unknown; readonly unknown: readonly string[] } {
  let merged = document;
  const unknown: string[] = [];
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith(PREFIX) || OTHERS.has(variable) || text === undefined) continue;
    const override = OVERRIDES.get(variable);
    if (override === undefined) unknown.push(variable);
    else merged = withValue(merged, override.path, override.read(text));
  }
  return { document: merged, unknown: unknown.sort() };
}

function withValue(document: unknown, path: readonly string[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const members = isMembers(document) ? document : {};
  return { ...members, [key]: withValue(members[key], rest, value) };
}

function isMembers(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `host:port`, `[v6]:port` or `unix:/path`. What is neither is left for validation to refuse. */
function readListener(text: string): unknown {
  if (text.startsWith("unix:")) return { kind: "unix", path: text.slice("unix:".length) };
  const match = /^(?:\[(?<v6>[^\]]+)\]|(?<host>[^:]+)):(?<port>\d+)$/.exec(text);
  if (match?.groups === undefined) return text;
  return { kind: "tcp", host: match.groups["v6"] ?? match.groups["host"], port: Number(match.groups["port"]) };
}

function asListOfText(text: string): readonly string[] {
  return text.split(",").map((item) => item.trim());
}

function upperSnake(camel: string): string {
  return camel.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
