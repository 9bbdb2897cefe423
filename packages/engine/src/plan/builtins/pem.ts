/** One block of a PEM text. */
export interface PemBlock {
  readonly type: string;
  readonly bytes: Buffer;
  /** What follows the block. */
  readonly rest: string;
}

const BLOCK = /(?:^|\n)-----BEGIN ([^\r\n]*?)-----[ \t]*\r?\n([\s\S]*?)-----END \1-----[ \t]*(?:\r?\n|$)/;

/** The blocks of a text, in order; text between them is passed over, as in Go. */
export function decodePem(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  let rest = text;
  for (;;) {
    const match = BLOCK.exec(rest);
    if (match === null) return blocks;
    rest = rest.slice(match.index + match[0].length);
    const body = (match[2] ?? "").replace(/^(?:[^\r\n]*:[^\r\n]*\r?\n)+\r?\n/, "").replace(/\s/g, "");
    const isBase64 = /^[A-Za-z0-9+/]*={0,2}$/.test(body) && body.length % 4 === 0;
    if (isBase64) blocks.push({ type: match[1] ?? "", bytes: Buffer.from(body, "base64"), rest });
  }
}
