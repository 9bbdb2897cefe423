import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { AdminEndpoint } from "./approvals-client.ts";

const DEFAULT_URL = "http://127.0.0.1:9422";
const LOCAL_FILE = join(".cortexos", "admin.json");

/** What the command line says about the endpoint. */
export interface EndpointChoice {
  readonly url: string | undefined;
  readonly tokenFile: string | undefined;
}

/** Where defaults come from. */
export interface Surroundings {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Finds the admin API: option, else environment (`CORTEXOS_ADMIN_URL`, `CORTEXOS_ADMIN_TOKEN_FILE`), else the nearest
 * `.cortexos/admin.json` upward, else the default address.
 *
 * @throws Error in one line that says what to give.
 */
export function findEndpoint(choice: EndpointChoice, { cwd, environment }: Surroundings): AdminEndpoint {
  const chosenUrl = choice.url ?? environment["CORTEXOS_ADMIN_URL"];
  const chosenFile = choice.tokenFile ?? environment["CORTEXOS_ADMIN_TOKEN_FILE"];
  // A token found nearby belongs to the address found with it: it never goes to another one.
  const local = chosenUrl === undefined ? findLocal(cwd) : undefined;
  const url = chosenUrl ?? local?.url ?? DEFAULT_URL;
  if (!isHttpUrl(url)) throw new Error(`\`${url}\` is no http address; expected one such as ${DEFAULT_URL}`);
  const tokenFile = chosenFile === undefined ? local?.tokenFile : resolve(cwd, chosenFile);
  if (tokenFile === undefined) {
    throw new Error("no approver's token: give --token-file <file> or set CORTEXOS_ADMIN_TOKEN_FILE");
  }
  return { url, token: readToken(tokenFile) };
}

interface LocalEndpoint {
  readonly url: string;
  readonly tokenFile: string;
}

function findLocal(from: string): LocalEndpoint | undefined {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const text = readIfThere(join(folder, LOCAL_FILE));
    if (text !== undefined) return parseLocal(text, folder);
    if (dirname(folder) === folder) return undefined;
  }
}

function parseLocal(text: string, folder: string): LocalEndpoint {
  const file = join(folder, LOCAL_FILE);
  const value = parseJson(text, file);
  if (!isLocal(value)) throw new Error(`${file}: expected {"url": string, "tokenFile": string}`);
  return { url: value.url, tokenFile: resolve(dirname(file), value.tokenFile) };
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${file}: not JSON`, { cause });
  }
}

function isLocal(value: unknown): value is LocalEndpoint {
  if (typeof value !== "object" || value === null || !("url" in value) || !("tokenFile" in value)) return false;
  return typeof value.url === "string" && typeof value.tokenFile === "string";
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined; // Not there, or not ours to read: look further up.
  }
}

function readToken(file: string): string {
  try {
    const token = readFileSync(file, "utf8").trim();
    // A header value: anything else would be refused by the HTTP client with a stranger message.
    if (/^[\x21-\x7e]+$/.test(token)) return token;
  } catch (cause) {
    throw new Error(`can't read the token's file ${file}`, { cause });
  }
  throw new Error(`${file}: holds no token (one line of printable characters)`);
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
