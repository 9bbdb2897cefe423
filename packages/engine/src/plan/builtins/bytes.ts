// OPA's strings are bytes. Ours are code points; a byte that isn't UTF-8 is carried as the unpaired surrogate U+DC00 + byte,
// which no document contains, because documents are made well-formed when they come in.

const ESCAPE = 0xdc00;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The string that OPA would hold these bytes as. */
export function textOfBytes(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return textOfBrokenBytes(bytes);
  }
}

/** The bytes of a string in OPA. */
export function bytesOfText(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text, "utf8");
  const parts: Buffer[] = [];
  for (const character of text) {
    const byte = (character.codePointAt(0) ?? 0) - ESCAPE;
    parts.push(byte >= 0x80 && byte <= 0xff ? Buffer.from([byte]) : Buffer.from(character, "utf8"));
  }
  return Buffer.concat(parts);
}

function textOfBrokenBytes(bytes: Uint8Array): string {
  let out = "";
  for (let at = 0; at < bytes.length;) {
    const size = [1, 2, 3, 4].find((length) => isUtf8(bytes.subarray(at, at + length)));
    if (size === undefined) out += String.fromCharCode(ESCAPE + (bytes[at] ?? 0));
    else out += decoder.decode(bytes.subarray(at, at + size));
    at += size ?? 1;
  }
  return out;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}
