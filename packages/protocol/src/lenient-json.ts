import { Buffer } from "node:buffer";

/**
 * Whether a reader that is less strict than we are could take bytes that aren't JSON for JSON, and see fields in them that no rule saw: readers that
 * replace bad UTF-8, read UTF-16 and UTF-32, take `NaN` and `Infinity`, or stop after the first value (Python's and Go's standard libraries do).
 */
export function isLenientJson(bytes: Uint8Array): boolean {
  return beginsLikeJson(bytes) && textsOf(bytes).some(hasFirstValue);
}

/** Before anything is copied: whether an object, an array or a string begins here, in any encoding. */
function beginsLikeJson(bytes: Uint8Array): boolean {
  const first = bytes.find((byte) => !SKIPPED.has(byte));
  return first === 0x7b || first === 0x5b || first === 0x22;
}

/** White space, the bytes of byte order marks, and the zeros of wide characters. */
const SKIPPED: ReadonlySet<number> = new Set([0x00, 0x09, 0x0a, 0x0d, 0x20, 0xef, 0xbb, 0xbf, 0xfe, 0xff]);

/** The texts that bytes can be, by the rule of RFC 4627, section 3: ASCII begins every JSON text. */
function textsOf(bytes: Uint8Array): readonly string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const texts = [buffer.toString("utf8")];
  if (!buffer.subarray(0, 4).some((byte) => byte === 0 || byte >= 0xfe)) return texts;
  const swapped = Buffer.from(buffer.subarray(0, buffer.length & ~1)).swap16();
  texts.push(buffer.toString("utf16le"), swapped.toString("utf16le"));
  // Of UTF-32 what matters is ASCII: every other character is as good as any.
  const narrow = (text: string): string => text.replaceAll("\u0000", "");
  return [...texts, ...texts.slice(1).map(narrow)];
}

function hasFirstValue(text: string): boolean {
  const begun = text.replace(BEGINNING, "");
  const end = endOfFirstValue(begun);
  if (end === -1) return false;
  const value = begun.slice(0, end);
  // No reader takes a control character, and binary formats are full of them.
  if (CONTROL.test(value)) return false;
  return (
    value.startsWith("{") || isJson(value.replaceAll(LENIENT_NUMBERS, (_, quoted: string | undefined) => quoted ?? "0"))
  );
}

const BEGINNING = /^[\uFEFF\uFFFE \t\r\n]+/;
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/;
/** Strings are matched, so that nothing inside one is. */
const LENIENT_NUMBERS = /("(?:[^"\\]|\\[^])*")|-?(?:NaN|Infinity)/g;

/** Index after the object, array or string that a text begins with; -1 when it begins with something else or that never ends. */
function endOfFirstValue(text: string): number {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    if (c === '"') {
      i = endOfString(text, i + 1);
      if (i === -1) return -1;
    } else if (c === "{" || c === "[") depth++;
    else if (c === "}" || c === "]") depth--;
    if (depth <= 0) return i === 0 ? -1 : i + 1;
  }
  return -1;
}

/** Index of the closing quote, or -1. */
function endOfString(text: string, start: number): number {
  for (let i = start; i < text.length; i++) {
    const c = text.charAt(i);
    if (c === '"') return i;
    if (c === "\\") i++;
  }
  return -1;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
