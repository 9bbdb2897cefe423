import type { DeploymentFinding } from "./finding.ts";
import type { ConfigMap, ConfigValue } from "./nats-config.ts";

/** What a configuration says about who may come past the gate. */
export interface ConfigExamination {
  readonly findings: readonly DeploymentFinding[];
  /** Every user may only come through a trusted proxy; those named as own aside. */
  readonly usersAreBound: boolean;
}

/**
 * Looks for users that may connect without the gate (ADR-55), and for settings that look as if they bound somebody and don't.
 *
 * @param ownUsers - names of users that are nobody's agent, such as the sidecar's own and the operators'.
 */
export function examineConfig(config: ConfigMap, ownUsers: readonly string[]): ConfigExamination {
  const users = collectUsers(config);
  const free = users.filter(({ isBound, name }) => !isBound && !ownUsers.includes(name));
  const findings = [
    ...free.map(freeUser),
    ...ignoredSettings(config),
    ...withoutCredentials(config, users),
    ...leafNodes(config),
    ...routes(config),
    ...operators(config),
  ];
  const usersAreBound =
    users.length > 0 && !findings.some(({ severity }) => severity === "bypass" || severity === "unknown");
  return { findings, usersAreBound };
}

interface User {
  readonly name: string;
  /** Where it stands, such as `accounts.A`. */
  readonly place: string;
  readonly isBound: boolean;
}

function collectUsers(config: ConfigMap): readonly User[] {
  const authorization = mapOf(config, "authorization");
  const accounts = [...mapOf(config, "accounts")].flatMap(([name, account]) =>
    isMap(account) ? usersIn(account, `accounts.${name}`) : [],
  );
  return [...usersIn(authorization, "authorization"), ...single(authorization), ...accounts];
}

function usersIn(holder: ConfigMap, place: string): readonly User[] {
  const users = holder.get("users");
  return isList(users)
    ? users.filter(isMap).map((user) => ({ name: nameOf(user), place, isBound: isBound(user) }))
    : [];
}

/** The one user or token of `authorization {}` itself. */
function single(authorization: ConfigMap): readonly User[] {
  if (isList(authorization.get("users"))) return [];
  const name =
    textOf(authorization, "user") ||
    textOf(authorization, "username") ||
    (authorization.has("token") ? "the token" : "");
  return name === "" ? [] : [{ name, place: "authorization", isBound: isBound(authorization) }];
}

function nameOf(user: ConfigMap): string {
  return textOf(user, "user") || textOf(user, "username") || textOf(user, "nkey") || "without a name";
}

function isBound(user: ConfigMap): boolean {
  return /^(?:true|yes|on)$/i.test(textOf(user, "proxy_required"));
}

function freeUser({ name, place }: User): DeploymentFinding {
  return {
    id: "user.free",
    severity: "bypass",
    what: `user ${name} in ${place} may connect without the gate`,
    mend: "Set `proxy_required: true` for it, or name it with --own if no agent has its credentials.",
  };
}

function ignoredSettings(config: ConfigMap): readonly DeploymentFinding[] {
  const authorization = mapOf(config, "authorization");
  if (!isList(authorization.get("users")) || !authorization.has("proxy_required")) return [];
  return [
    {
      id: "user.ignored_setting",
      severity: "bypass",
      what: "`proxy_required` of `authorization {}` is ignored beside `users`: it binds nobody",
      mend: "Set it for each user.",
    },
  ];
}

function withoutCredentials(config: ConfigMap, users: readonly User[]): readonly DeploymentFinding[] {
  const name = textOf(config, "no_auth_user");
  if (name === "" || users.find((user) => user.name === name)?.isBound === true) return [];
  return [
    {
      id: "user.no_auth",
      severity: "bypass",
      what: `whoever brings no credentials becomes ${name}, and comes without the gate`,
      mend: "Remove `no_auth_user`, or set `proxy_required: true` for that user.",
    },
  ];
}

function leafNodes(config: ConfigMap): readonly DeploymentFinding[] {
  const authorization = mapOf(mapOf(config, "leafnodes"), "authorization");
  const own = usersIn(authorization, "leafnodes.authorization");
  const isFree = own.length > 0 ? own.some((user) => !user.isBound) : authorization.size > 0 && !isBound(authorization);
  if (!isFree) return [];
  return [
    {
      id: "leafnodes.authorization",
      severity: "bypass",
      what: "`leafnodes { authorization }` lets leaf nodes in by themselves, and everyone behind them",
      mend: "Remove the block, or set `proxy_required: true` in it.",
    },
  ];
}

/** Whoever can be a route or a gateway is the server. */
function routes(config: ConfigMap): readonly DeploymentFinding[] {
  return ["cluster", "gateway"].flatMap((name): readonly DeploymentFinding[] => {
    const block = mapOf(config, name);
    const isListening = block.has("port") || block.has("listen");
    const verifies = /^(?:true|yes|on)$/i.test(textOf(mapOf(block, "tls"), "verify"));
    if (!isListening || block.has("authorization") || verifies) return [];
    return [
      {
        id: `${name}.open`,
        severity: "bypass",
        what: `whoever reaches the port of \`${name} {}\` can join as a server and publish anything`,
        mend: `Set \`tls { verify: true }\` or \`authorization\` in \`${name} {}\`, and let no agent reach its port.`,
      },
    ];
  });
}

function operators(config: ConfigMap): readonly DeploymentFinding[] {
  if (!config.has("operator") && !config.has("operators") && !config.has("auth_callout")) return [];
  return [
    {
      id: "user.elsewhere",
      severity: "unknown",
      what: "users are defined by JWTs or an authentication service, which can't be read from here",
      mend: "See to it that each agent's user has `proxy_required`.",
    },
  ];
}

function mapOf(map: ConfigMap, name: string): ConfigMap {
  const value = map.get(name);
  return isMap(value) ? value : NOTHING;
}

const NOTHING: ConfigMap = new Map();

function textOf(map: ConfigMap, name: string): string {
  const value = map.get(name);
  return typeof value === "string" ? value : "";
}

function isMap(value: ConfigValue | undefined): value is ConfigMap {
  return value instanceof Map;
}

function isList(value: ConfigValue | undefined): value is readonly ConfigValue[] {
  return Array.isArray(value);
}
