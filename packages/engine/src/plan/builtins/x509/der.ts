import { fails } from "../operands.ts";

/** DER's tags, with the bits for context-specific and constructed ones. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8: 0x0c,
  numeric: 0x12,
  printable: 0x13,
  t61: 0x14,
  ia5: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmp: 0x1e,
  sequence: 0x30,
  set: 0x31,
  context: 0x80,
  constructed: 0xa0,
} as const;

const LENGTH_BYTES_MAX = 4;

/** One element: what it is, what it holds, and all of it. */
export interface Element {
  readonly tag: number;
  readonly contents: Buffer;
  readonly whole: Buffer;
}

/** A cursor over DER, as strict as Go's: one way of writing a length, none that is indefinite. Fails as a built-in does. */
export class Der {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isEmpty(): boolean {
    return this.#at >= this.#bytes.length;
  }

  get rest(): Buffer {
    return this.#bytes.subarray(this.#at);
  }

  isNext(tag: number): boolean {
    return this.#bytes[this.#at] === tag;
  }

  any(what: string): Element {
    const start = this.#at;
    const tag = this.#byte(what);
    // A tag of more than one byte.
    if ((tag & 0x1f) === 0x1f) malformed(what);
    const length = this.#length(what);
    const contents = this.#bytes.subarray(this.#at, this.#at + length);
    if (contents.length < length) malformed(what);
    this.#at += length;
    return { tag, contents, whole: this.#bytes.subarray(start, this.#at) };
  }

  element(tag: number, what: string): Element {
    return this.isNext(tag) ? this.any(what) : malformed(what);
  }

  read(tag: number, what: string): Buffer {
    return this.element(tag, what).contents;
  }

  inner(tag: number, what: string): Der {
    return new Der(this.read(tag, what));
  }

  optional(tag: number, what: string): Der | undefined {
    return this.isNext(tag) ? this.inner(tag, what) : undefined;
  }

  integer(what: string, tag: number = TAG.integer): bigint {
    const bytes = this.read(tag, what);
    const [first, second = 0] = bytes;
    const isPadded = bytes.length > 1 && (first === 0 ? second < 0x80 : first === 0xff && second >= 0x80);
    if (first === undefined || isPadded) malformed(what);
    const value = BigInt(`0x${bytes.toString("hex")}`);
    return first < 0x80 ? value : value - (1n << BigInt(bytes.length * 8));
  }

  boolean(what: string): boolean {
    const bytes = this.read(TAG.boolean, what);
    if (bytes.length !== 1 || (bytes[0] !== 0 && bytes[0] !== 0xff)) malformed(what);
    return bytes[0] === 0xff;
  }

  oid(what: string): readonly number[] {
    return oidOf(this.read(TAG.oid, what)) ?? malformed(what);
  }

  /** The bytes of a bit string, and how many bits at the end are none of it. */
  bits(what: string): { readonly bytes: Buffer; readonly unused: number } {
    const contents = this.read(TAG.bitString, what);
    const [unused] = contents;
    const last = contents.at(-1) ?? 0;
    if (unused === undefined || unused > 7 || (contents.length === 1 && unused > 0)) malformed(what);
    if (contents.length > 1 && (last & ((1 << unused) - 1)) !== 0) malformed(what);
    return { bytes: contents.subarray(1), unused };
  }

  #byte(what: string): number {
    const byte = this.#bytes[this.#at] ?? malformed(what);
    this.#at += 1;
    return byte;
  }

  #length(what: string): number {
    const first = this.#byte(what);
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count === 0 || count > LENGTH_BYTES_MAX) malformed(what);
    let length = 0;
    for (let i = 0; i < count; i += 1) length = length * 256 + this.#byte(what);
    const isMinimal = length >= 0x80 && length >= 256 ** (count - 1);
    return isMinimal ? length : malformed(what);
  }
}

function malformed(what: string): never {
  return fails(`x509: ${what}`);
}

/** An object identifier's numbers; undefined when it isn't one. */
function oidOf(bytes: Buffer): readonly number[] | undefined {
  const parts: number[] = [];
  let value = 0;
  let isOpen = false;
  for (const byte of bytes) {
    if (!isOpen && byte === 0x80) return undefined;
    value = value * 128 + (byte & 0x7f);
    if (value > 0x7fffffff) return undefined;
    isOpen = byte >= 0x80;
    if (isOpen) continue;
    if (parts.length === 0)
      parts.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)));
    else parts.push(value);
    value = 0;
  }
  return isOpen || parts.length === 0 ? undefined : parts;
}
