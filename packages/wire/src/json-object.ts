/** Top-level keys of a JSON object in order, duplicates included; `JSON.parse` would keep the last of them only. */
export interface StrictObject {
  readonly keys: readonly string[];
  readonly values: ReadonlyMap<string, unknown>;
}

/** @returns `undefined` when the text is not one JSON object. */
export function parseStrictObject(text: string): StrictObject | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return { keys: topLevelKeys(text), values: new Map(Object.entries(value)) };
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/** Walks text that is known to be JSON: a string at depth 1 that a colon follows is a key. */
function topLevelKeys(text: string): string[] {
  const keys: string[] = [];
  let depth = 0;
  let lastString: string | undefined;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (token === ":" && depth === 1 && lastString !== undefined) keys.push(String(JSON.parse(lastString)));
    lastString = token.startsWith('"') ? token : undefined;
  }
  return keys;
}
