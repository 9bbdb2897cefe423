import { Buffer } from "node:buffer";
import { createFault, type ClientFault } from "./fault.ts";
import { parseStrictObject, type StrictObject } from "./json-object.ts";
import type { ClientConnect, ConnectCredentials } from "./session-types.ts";

const BOOLEANS = ["verbose", "pedantic", "tls_required", "echo", "headers", "no_responders"] as const;
const CREDENTIALS = ["user", "pass", "auth_token", "jwt", "nkey", "sig"] as const;
const STRINGS = ["name", "lang", "version", ...CREDENTIALS] as const;
const KNOWN: ReadonlySet<string> = new Set([...BOOLEANS, ...STRINGS, "protocol"]);

/**
 * Reads the JSON of a CONNECT. nats-server matches keys in any case (even `u\u017fer`) and takes the last of two, so a key twice, in another case or outside
 * ASCII is a fault, and so is a known key with the wrong type. Unknown keys are left out: what goes upstream is built from ours alone.
 *
 * @param json - bytes as latin1.
 */
export function parseConnect(json: string): ClientConnect | ClientFault {
  const text = decodeUtf8(json);
  const object = text === undefined ? undefined : parseStrictObject(text);
  if (object === undefined) return createFault("wire.connect", "CONNECT without a JSON object");
  const fault = checkKeys(object) ?? checkTypes(object);
  if (fault !== undefined) return createFault("wire.connect", fault);
  const flag = (key: (typeof BOOLEANS)[number], byDefault: boolean): boolean => {
    const value = object.values.get(key);
    return typeof value === "boolean" ? value : byDefault;
  };
  const protocol = object.values.get("protocol");
  return {
    verbose: flag("verbose", true),
    echo: flag("echo", true),
    headers: flag("headers", false),
    noResponders: flag("no_responders", false),
    protocol: typeof protocol === "number" ? protocol : 0,
    ...pickStrings(object, ["name", "lang", "version"]),
    credentials: pickStrings(object, CREDENTIALS),
  };
}

/**
 * The CONNECT that goes upstream, from our own list of keys. `pedantic` is always false: nats-server then complains about a message and delivers
 * it all the same.
 */
export function buildConnect(
  connect: ClientConnect,
  credentials: ConnectCredentials,
): Readonly<Record<string, unknown>> {
  const { name, lang, version } = connect;
  return {
    verbose: connect.verbose,
    pedantic: false,
    tls_required: false,
    ...pickDefined({ name, lang, version }),
    protocol: connect.protocol,
    echo: connect.echo,
    headers: connect.headers,
    no_responders: connect.noResponders,
    ...pickDefined({
      user: credentials.user,
      pass: credentials.pass,
      auth_token: credentials.auth_token,
      jwt: credentials.jwt,
      nkey: credentials.nkey,
      sig: credentials.sig,
      proxy_sig: credentials.proxy_sig,
    }),
  };
}

function checkKeys({ keys }: StrictObject): string | undefined {
  const seen = new Set<string>();
  for (const key of keys) {
    // eslint-disable-next-line no-control-regex -- control characters are what is looked for
    if (/[^\u0020-\u007e]/.test(key)) return "CONNECT has a key outside printable ASCII";
    const folded = key.toLowerCase();
    if (seen.has(folded)) return "CONNECT has a key twice";
    if (folded !== key && KNOWN.has(folded)) return "CONNECT has a key in another case";
    seen.add(folded);
  }
  return undefined;
}

function checkTypes({ values }: StrictObject): string | undefined {
  const ofType = (key: string, type: string): boolean => !values.has(key) || typeof values.get(key) === type;
  if (!BOOLEANS.every((key) => ofType(key, "boolean"))) return "CONNECT has a value that must be true or false";
  if (!STRINGS.every((key) => ofType(key, "string"))) return "CONNECT has a value that must be a string";
  const isWellFormed = STRINGS.every((key) => {
    const value = values.get(key);
    return typeof value !== "string" || value.isWellFormed();
  });
  if (!isWellFormed) return "CONNECT has a string with half a surrogate pair";
  const protocol = values.get("protocol");
  return protocol === undefined || protocol === 0 || protocol === 1
    ? undefined
    : "CONNECT has a protocol that isn't 0 or 1";
}

function pickStrings<Key extends string>({ values }: StrictObject, keys: readonly Key[]): { [K in Key]?: string } {
  const picked: { [K in Key]?: string } = {};
  for (const key of keys) {
    const value = values.get(key);
    if (typeof value === "string") picked[key] = value;
  }
  return picked;
}

function pickDefined(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined) picked[key] = value;
  }
  return picked;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeUtf8(latin1: string): string | undefined {
  try {
    return utf8.decode(Buffer.from(latin1, "latin1"));
  } catch {
    return undefined;
  }
}
