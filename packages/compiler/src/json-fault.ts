/** Where and how a text stops being JSON. */
export interface JsonSyntaxFault {
  /** UTF-16 offset. */
  readonly at: number;
  readonly message: string;
}

/**
 * Finds the first place where a text isn't JSON; `undefined` when all of it is. JSON.parse says that something is wrong, but not in every
 * version of Node where.
 */
export function findJsonFault(text: string): JsonSyntaxFault | undefined {
  const cursor: Cursor = { text, at: 0 };
  const found = valueFault(cursor);
  if (found !== undefined) return found;
  skipBlanks(cursor);
  return cursor.at === text.length ? undefined : wrong(cursor, "the end of the file");
}

interface Cursor {
  readonly text: string;
  at: number;
}

const STRING = /"(?:[^"\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const OTHER_SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

function valueFault(cursor: Cursor): JsonSyntaxFault | undefined {
  skipBlanks(cursor);
  if (takes(cursor, "{")) return membersFault(cursor, "}", memberFault);
  if (takes(cursor, "[")) return membersFault(cursor, "]", valueFault);
  return matchesString(cursor) || matches(cursor, OTHER_SCALAR) ? undefined : wrong(cursor, "a value");
}

function membersFault(
  cursor: Cursor,
  close: string,
  inner: (cursor: Cursor) => JsonSyntaxFault | undefined,
): JsonSyntaxFault | undefined {
  skipBlanks(cursor);
  if (takes(cursor, close)) return undefined;
  do {
    const found = inner(cursor);
    if (found !== undefined) return found;
    skipBlanks(cursor);
  } while (takes(cursor, ","));
  return takes(cursor, close) ? undefined : wrong(cursor, `\`,\` or \`${close}\``);
}

function memberFault(cursor: Cursor): JsonSyntaxFault | undefined {
  skipBlanks(cursor);
  if (!matchesString(cursor)) return wrong(cursor, "a key in double quotes");
  skipBlanks(cursor);
  return takes(cursor, ":") ? valueFault(cursor) : wrong(cursor, "`:`");
}

function takes(cursor: Cursor, token: string): boolean {
  if (cursor.text[cursor.at] !== token) return false;
  cursor.at++;
  return true;
}

function matches(cursor: Cursor, pattern: RegExp): boolean {
  pattern.lastIndex = cursor.at;
  const token = pattern.exec(cursor.text)?.[0];
  cursor.at += token?.length ?? 0;
  return token !== undefined;
}

/** JSON has no raw control characters in strings. */
function matchesString(cursor: Cursor): boolean {
  const start = cursor.at;
  if (!matches(cursor, STRING)) return false;
  for (let at = start; at < cursor.at; at++) {
    if (cursor.text.charCodeAt(at) >= 0x20) continue;
    cursor.at = at;
    return false;
  }
  return true;
}

function skipBlanks(cursor: Cursor): void {
  while (/[ \t\r\n]/.test(cursor.text[cursor.at] ?? "")) cursor.at++;
}

function wrong({ text, at }: Cursor, wanted: string): JsonSyntaxFault {
  const found = at >= text.length ? "the end of the file" : `\`${text.slice(at, at + 1)}\``;
  return { at, message: `expected ${wanted}, found ${found}` };
}
