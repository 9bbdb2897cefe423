import { quote } from "../../values/rego-text.ts";
import type { CommentGroup, Position } from "./ast.ts";
import { refuseGraphql } from "./failure.ts";
import { END, Lexer, tokenText, type Token, type TokenKind } from "./lexer.ts";

/** Documents nested deeper than this are refused before the stack is. */
const DEPTH_MAX = 500;

/** The tokens of a document, with one to look at, and the comments before it put aside. */
export class TokenReader {
  readonly #lexer: Lexer;
  readonly #charge: () => void;
  #peeked: Token | undefined;
  #depth = 0;
  /** The token taken last. */
  previous: Token | undefined;
  /** The comments right before the token that is looked at; none once it is taken. */
  comment: CommentGroup | undefined;

  constructor(text: string, { file, charge }: { readonly file: string; readonly charge: (steps: number) => void }) {
    this.#lexer = new Lexer(text, file);
    this.#charge = () => charge(1);
  }

  peek(): Token {
    if (this.#peeked !== undefined) return this.#peeked;
    this.#charge();
    let token = this.#lexer.read();
    if (token.kind === "Comment") {
      const list: { readonly value: string }[] = [];
      for (; token.kind === "Comment"; token = this.#lexer.read()) list.push({ value: token.value });
      this.comment = { list };
    }
    this.#peeked = token;
    return token;
  }

  next(): Token {
    const token = this.peek();
    if (token.failure !== undefined) throw token.failure;
    this.#peeked = undefined;
    this.comment = undefined;
    this.previous = token;
    return token;
  }

  position(): Position {
    return this.peek().position;
  }

  isNext(kind: TokenKind): boolean {
    return this.peek().kind === kind;
  }

  /** Takes a token of this kind if it is the next one. */
  skip(kind: TokenKind): boolean {
    if (!this.isNext(kind)) return false;
    this.next();
    return true;
  }

  expect(kind: TokenKind): Token {
    if (this.isNext(kind)) return this.next();
    return refuseGraphql(`Expected ${kind}, found ${this.peek().kind}`, this.position());
  }

  expectKeyword(word: string): void {
    const token = this.peek();
    if (token.kind === "Name" && token.value === word) this.next();
    else refuseGraphql(`Expected ${quote(word)}, found ${tokenText(token)}`, token.position);
  }

  name(): string {
    return this.expect("Name").value;
  }

  unexpected(token: Token = this.peek()): never {
    return refuseGraphql(`Unexpected ${tokenText(token)}`, token.position);
  }

  /** What stands between two tokens, if the first one is there. */
  many<T>([start, end]: readonly [TokenKind, TokenKind], parse: () => T): T[] {
    const items: T[] = [];
    if (!this.skip(start)) return items;
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) refuseGraphql("nested too deep", this.position());
    while (!this.isNext(end)) items.push(parse());
    this.#depth -= 1;
    this.next();
    return items;
  }

  /** {@link many} that isn't empty; `comment` is what stands before its end. */
  some<T>(between: readonly [TokenKind, TokenKind], parse: () => T): Braced<T> {
    const [start, end] = between;
    const items: T[] = [];
    if (!this.skip(start)) return { items, comment: undefined };
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) refuseGraphql("nested too deep", this.position());
    while (!this.isNext(end)) items.push(parse());
    this.#depth -= 1;
    if (items.length === 0) refuseGraphql(`expected at least one definition, found ${end}`, this.position());
    const { comment } = this;
    this.next();
    return { items, comment };
  }

  /** One item, and one more behind each separator. */
  separated<T>(separator: TokenKind, parse: () => T): T[] {
    const items = [parse()];
    while (this.skip(separator)) items.push(parse());
    return items;
  }

  get isAtEnd(): boolean {
    return this.isNext(END);
  }
}

export interface Braced<T> {
  readonly items: T[];
  readonly comment: CommentGroup | undefined;
}
