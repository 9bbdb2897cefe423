import { Buffer } from "node:buffer";

/** A place in a JSON text whose value is asked for. */
export interface LeafPath {
  /** Names of members, from the outermost object. ASCII without quote and backslash. */
  readonly path: readonly string[];
  /** Only what kind of value it is, and whether there is one. */
  readonly kindOnly?: boolean;
}

/** Largest JSON text that is read, in bytes. */
const TEXT_BYTES_MAX = 65_536;
const DEPTH_MAX = 16;
const MEMBERS_MAX = 32;
/** Longest number that a double always holds exactly. */
const NUMBER_CHARS_MAX = 15;
/** Longest answer, in bytes. */
const LEAVES_BYTES_MAX = 512;

/**
 * Reads what stands at some paths of plain JSON, without decoding the rest. Plain is ASCII without escapes and exponents, no key twice, small and flat
 * enough; what {@link decodeJson} refuses is never plain.
 *
 * @param prefix - ASCII that the answer begins with, at most 32 characters.
 * @returns for plain JSON a text, equal for two texts only when the values at all paths are; otherwise `undefined`: decode it.
 */
export type ReadLeaves = (bytes: Uint8Array, prefix: string) => string | undefined;

/** Makes a reader. It keeps nothing of what it reads. */
export function createLeafReader(paths: readonly LeafPath[]): ReadLeaves {
  const reader = new LeafReader(paths);
  return (bytes, prefix) => reader.read(bytes, prefix);
}

/** What is wanted at and below one place. */
interface Node {
  readonly children: { readonly name: Uint8Array; readonly node: Node }[];
  /** Index of the leaf that ends here; -1 for none. */
  leaf: number;
  kindLeaf: number;
  /** Leaves below: they all get the value of this place when it is no object. */
  readonly below: number[];
}

class LeafReader {
  readonly #root: Node;
  readonly #leafCount: number;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly #depths: Int32Array;
  readonly #scratch = Buffer.alloc(LEAVES_BYTES_MAX);
  /** Ranges of the names of all open objects, one after the other. */
  readonly #names = new Int32Array(DEPTH_MAX * MEMBERS_MAX * 2);
  #bytes: Uint8Array = NO_BYTES;
  #at = 0;
  #namesLength = 0;

  constructor(paths: readonly LeafPath[]) {
    this.#root = newNode();
    for (const [i, path] of paths.entries()) plant(this.#root, path, i);
    this.#leafCount = paths.length;
    this.#starts = new Int32Array(paths.length);
    this.#ends = new Int32Array(paths.length);
    this.#depths = new Int32Array(paths.length);
  }

  read(bytes: Uint8Array, prefix: string): string | undefined {
    if (bytes.length > TEXT_BYTES_MAX) return undefined;
    this.#bytes = bytes;
    this.#at = 0;
    this.#namesLength = 0;
    this.#starts.fill(-1);
    const isPlain = this.#value(this.#root, 0) && this.#isOver();
    const text = isPlain ? this.#leaves(prefix) : undefined;
    this.#bytes = NO_BYTES;
    return text;
  }

  #isOver(): boolean {
    this.#skipBlank();
    return this.#at === this.#bytes.length;
  }

  /** Steps over a value. False for what isn't plain. */
  #value(node: Node | undefined, depth: number): boolean {
    this.#skipBlank();
    const start = this.#at;
    const c = this.#bytes[start];
    if (c === OPEN_BRACE) {
      if (!this.#object(node, depth + 1)) return false;
      if (node !== undefined && node.leaf !== -1) this.#note(node.leaf, start, depth);
    } else {
      const isPlain = c === QUOTE ? this.#string() : c === OPEN_BRACKET ? this.#array(depth + 1) : this.#scalar(c);
      if (!isPlain) return false;
      if (node !== undefined) this.#noteAll(node, start, depth);
    }
    if (node !== undefined && node.kindLeaf !== -1) this.#noteKind(node.kindLeaf, start, depth);
    return true;
  }

  #object(node: Node | undefined, depth: number): boolean {
    if (depth > DEPTH_MAX) return false;
    const firstName = this.#namesLength;
    this.#at++;
    this.#skipBlank();
    if (this.#bytes[this.#at] === CLOSE_BRACE) {
      this.#at++;
      return true;
    }
    for (;;) {
      this.#skipBlank();
      const nameStart = this.#at + 1;
      if (this.#bytes[this.#at] !== QUOTE || !this.#string()) return false;
      const nameEnd = this.#at - 1;
      if (!this.#addName(firstName, nameStart, nameEnd)) return false;
      this.#skipBlank();
      if (this.#bytes[this.#at] !== COLON) return false;
      this.#at++;
      if (!this.#value(node === undefined ? undefined : this.#childOf(node, nameStart, nameEnd), depth)) return false;
      this.#skipBlank();
      const c = this.#bytes[this.#at++];
      if (c === COMMA) continue;
      this.#namesLength = firstName;
      return c === CLOSE_BRACE;
    }
  }

  /** Keeps a name, unless the object has it already. */
  #addName(firstName: number, start: number, end: number): boolean {
    const names = this.#names;
    if (this.#namesLength - firstName >= MEMBERS_MAX * 2) return false;
    for (let i = firstName; i < this.#namesLength; i += 2) {
      const other = names[i] ?? 0;
      if ((names[i + 1] ?? 0) - other === end - start && this.#isSame(other, start, end - start)) return false;
    }
    names[this.#namesLength++] = start;
    names[this.#namesLength++] = end;
    return true;
  }

  #isSame(a: number, b: number, length: number): boolean {
    for (let i = 0; i < length; i++) if (this.#bytes[a + i] !== this.#bytes[b + i]) return false;
    return true;
  }

  #childOf({ children }: Node, start: number, end: number): Node | undefined {
    for (const child of children) {
      const { name } = child;
      if (name.length !== end - start) continue;
      let i = 0;
      while (i < name.length && name[i] === this.#bytes[start + i]) i++;
      if (i === name.length) return child.node;
    }
    return undefined;
  }

  #array(depth: number): boolean {
    if (depth > DEPTH_MAX) return false;
    this.#at++;
    this.#skipBlank();
    if (this.#bytes[this.#at] === CLOSE_BRACKET) {
      this.#at++;
      return true;
    }
    for (;;) {
      if (!this.#value(undefined, depth)) return false;
      this.#skipBlank();
      const c = this.#bytes[this.#at++];
      if (c !== COMMA) return c === CLOSE_BRACKET;
    }
  }

  /** Steps over a string of printable ASCII without escapes. */
  #string(): boolean {
    const bytes = this.#bytes;
    let i = this.#at + 1;
    for (; i < bytes.length; i++) {
      const c = bytes[i] ?? 0;
      if (c === QUOTE) {
        this.#at = i + 1;
        return true;
      }
      if (c < SPACE || c > TILDE || c === BACKSLASH) return false;
    }
    return false;
  }

  #scalar(c: number | undefined): boolean {
    if (c === 0x74) return this.#literal("true");
    if (c === 0x66) return this.#literal("false");
    if (c === 0x6e) return this.#literal("null");
    return this.#number();
  }

  #literal(word: string): boolean {
    for (let i = 0; i < word.length; i++) if (this.#bytes[this.#at + i] !== word.charCodeAt(i)) return false;
    this.#at += word.length;
    return true;
  }

  #number(): boolean {
    const start = this.#at;
    if (this.#bytes[this.#at] === MINUS) this.#at++;
    const isZero = this.#bytes[this.#at] === ZERO;
    const whole = this.#digits();
    if (whole === 0 || (isZero && whole > 1)) return false;
    if (this.#bytes[this.#at] === POINT) {
      this.#at++;
      if (this.#digits() === 0) return false;
    }
    const c = this.#bytes[this.#at];
    return this.#at - start <= NUMBER_CHARS_MAX && c !== 0x65 && c !== 0x45;
  }

  #digits(): number {
    const start = this.#at;
    for (; ; this.#at++) {
      const c = this.#bytes[this.#at] ?? 0;
      if (c < ZERO || c > NINE) return this.#at - start;
    }
  }

  #skipBlank(): void {
    for (; ; this.#at++) {
      const c = this.#bytes[this.#at];
      if (c !== SPACE && c !== 0x0a && c !== 0x0d && c !== 0x09) return;
    }
  }

  #note(leaf: number, start: number, depth: number): void {
    this.#starts[leaf] = start;
    this.#ends[leaf] = this.#at;
    this.#depths[leaf] = depth;
  }

  #noteKind(leaf: number, start: number, depth: number): void {
    this.#note(leaf, start, depth);
    this.#ends[leaf] = start + 1;
  }

  /** A value that is no object stands for everything that is asked for below it. */
  #noteAll(node: Node, start: number, depth: number): void {
    if (node.leaf !== -1) this.#note(node.leaf, start, depth);
    for (const leaf of node.below) this.#note(leaf, start, depth);
  }

  /** Depth and raw text of each leaf; no raw text has a control character, so that one can end it. */
  #leaves(prefix: string): string | undefined {
    const scratch = this.#scratch;
    let length = 0;
    for (; length < prefix.length; length++) scratch[length] = prefix.charCodeAt(length);
    for (let leaf = 0; leaf < this.#leafCount; leaf++) {
      const start = this.#starts[leaf] ?? -1;
      const end = start === -1 ? -1 : (this.#ends[leaf] ?? 0);
      if (length + 2 + end - start > scratch.length) return undefined;
      if (start !== -1) scratch[length++] = A + (this.#depths[leaf] ?? 0);
      for (let i = start; i < end; i++) scratch[length++] = this.#bytes[i] ?? 0;
      scratch[length++] = END;
    }
    return scratch.toString("latin1", 0, length);
  }
}

const NO_BYTES = new Uint8Array(0);
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const SPACE = 0x20;
const TILDE = 0x7e;
const A = 0x41;
const END = 0x01;

function newNode(): Node {
  return { children: [], leaf: -1, kindLeaf: -1, below: [] };
}

function plant(root: Node, { kindOnly = false, path }: LeafPath, leaf: number): void {
  let node = root;
  for (const segment of path) {
    node.below.push(leaf);
    node = childNamed(node, Buffer.from(segment, "latin1"));
  }
  if (kindOnly) node.kindLeaf = leaf;
  else node.leaf = leaf;
}

function childNamed(node: Node, name: Buffer): Node {
  const known = node.children.find((child) => name.equals(child.name));
  if (known !== undefined) return known.node;
  const made = newNode();
  node.children.push({ name, node: made });
  return made;
}
