const BOOLEANS = ["verbose", "pedantic", "tls_required", "echo", "headers", "no_responders"];
const STRINGS = ["name", "lang", "version", "user", "pass", "auth_token", "jwt", "nkey", "sig"];
const KNOWN = [...BOOLEANS, ...STRINGS, "protocol"];

/** Whether the JSON of a CONNECT may be taken: one object, no key that another reader might take for a known or an earlier one, right types. */
export function isStrictConnect(latin1: string): boolean {
  const bytes = Buffer.from(latin1, "latin1");
  const text = bytes.toString("utf8");
  const value = Buffer.from(text, "utf8").equals(bytes) ? parse(text) : undefined;
  if (value === undefined) return false;
  const keys = topLevelKeys(text);
  const folded = keys.map((key) => key.toLowerCase());
  if (new Set(folded).size !== keys.length || !keys.every((key) => /^[ -~]*$/.test(key))) return false;
  if (keys.some((key, i) => key !== folded[i] && KNOWN.includes(folded[i] ?? ""))) return false;
  return Object.entries(value).every(([key, field]) => isOfItsType(key, field));
}

/** Whether a strict CONNECT says that the client uses headers. */
export function saysHeaders(latin1: string): boolean {
  const value = parse(latin1) ?? {};
  return "headers" in value && value.headers === true;
}

/** The same CONNECT without the keys that the gate leaves out: it builds its own from those it knows. */
export function knownConnect(latin1: string): string {
  const value = parse(Buffer.from(latin1, "latin1").toString("utf8")) ?? {};
  const known = Object.entries(value).filter(([key]) => KNOWN.includes(key));
  return Buffer.from(JSON.stringify(Object.fromEntries(known)), "utf8").toString("latin1");
}

function isOfItsType(key: string, value: unknown): boolean {
  if (BOOLEANS.includes(key)) return typeof value === "boolean";
  if (STRINGS.includes(key)) return typeof value === "string" && value.isWellFormed();
  return key !== "protocol" || value === 0 || value === 1;
}

function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Keys of the outermost object, duplicates included, of text that is known to be JSON. */
function topLevelKeys(text: string): readonly string[] {
  const keys: string[] = [];
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === "{" || c === "[") depth++;
    if (c === "}" || c === "]") depth--;
    if (c !== '"') continue;
    const start = i++;
    while (text[i] !== '"') i += text[i] === "\\" ? 2 : 1;
    if (depth === 1 && /^\s*:/.test(text.slice(i + 1))) keys.push(String(JSON.parse(text.slice(start, i + 1))));
  }
  return keys;
}
