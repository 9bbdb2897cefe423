/* oxlint-disable no-control-regex -- control characters are what is looked for */
import { quote } from "../../values/rego-text.ts";
import type { Position } from "./ast.ts";
import { blockStringValue } from "./block-string.ts";
import { GraphqlFailure } from "./failure.ts";

/** What a token is; punctuation is named by itself, as in messages. */
export type TokenKind = string;

export interface Token {
  readonly kind: TokenKind;
  /** Empty for punctuation. */
  readonly value: string;
  readonly position: Position;
  /** Why the token isn't one, for kind `<Invalid>`. */
  readonly failure?: GraphqlFailure;
}

export const END = "<EOF>";

export function tokenText({ kind, value }: Token): string {
  return value === "" ? kind : `${kind} ${quote(value)}`;
}

const PUNCTUATION = new Set("!$&():=@[]{}|");
const NAME = /[_0-9A-Za-z]+/y;
const COMMENT = /[\t\u0020-\uffff]*/y;
const DIGITS = /[0-9]*/y;
const PLAIN_TEXT = /[\t\u0020\u0021\u0023-\u005b\u005d-\uffff]*/y;
const QUOTES = /"*/y;
const ESCAPES = new Map([
  ['"', '"'],
  ["/", "/"],
  ["\\", "\\"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

/** Cuts a document into tokens, comments among them. Columns count code points. */
export class Lexer {
  readonly #text: string;
  readonly #file: string;
  #start = 0;
  #end = 0;
  /** Surrogate pairs passed, each of which is one code point. */
  #pairs = 0;
  #startPairs = 0;
  #line = 1;
  /** In code points. */
  #lineStart = 0;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  read(): Token {
    this.#skipSpace();
    this.#begin(0);
    const first = this.#text.charAt(this.#end);
    if (first === "") return this.#token(END);
    if (PUNCTUATION.has(first)) {
      this.#end += 1;
      return this.#token(first);
    }
    if (this.#text.startsWith("...", this.#end)) {
      this.#end += 3;
      return this.#token("...");
    }
    if (first === "#") return this.#token("Comment", this.#take(COMMENT));
    if (/[_A-Za-z]/.test(first)) return this.#token("Name", this.#take(NAME));
    if (/[-0-9]/.test(first)) return this.#number();
    if (this.#text.startsWith('"""', this.#end)) return this.#blockString();
    return first === '"' ? this.#string() : this.#unknown(first);
  }

  #begin(skipped: number): void {
    this.#end += skipped;
    this.#start = this.#end;
    this.#startPairs = this.#pairs;
  }

  #position(at: number): Position {
    return { line: this.#line, column: at - this.#lineStart + 1, file: this.#file };
  }

  #token(kind: TokenKind, value = ""): Token {
    return { kind, value, position: this.#position(this.#start - this.#startPairs) };
  }

  #invalid(message: string): Token {
    const position = this.#position(this.#end - this.#pairs);
    return { kind: "<Invalid>", value: "", position, failure: new GraphqlFailure(message, position) };
  }

  /** What a sticky expression matches here. */
  #take(expression: RegExp): string {
    expression.lastIndex = this.#end;
    const found = expression.exec(this.#text)?.[0] ?? "";
    this.#end += found.length;
    for (let i = 0; i < found.length; i += 1) if ((found.charCodeAt(i) & 0xfc00) === 0xd800) this.#pairs += 1;
    return found;
  }

  #unknown(first: string): Token {
    const code = first.charCodeAt(0);
    if (code < 0x20) {
      return this.#invalid(`Cannot contain the invalid character "\\u${code.toString(16).padStart(4, "0")}"`);
    }
    if (first === "'") {
      return this.#invalid(`Unexpected single quote character ('), did you mean to use a double quote (")?`);
    }
    // OPA shows the first byte of the character.
    const byte = Buffer.from(this.#text.slice(this.#end, this.#end + 2), "utf8")[0] ?? 0;
    return this.#invalid(`Cannot parse the unexpected character "${String.fromCharCode(byte)}".`);
  }

  #skipSpace(): void {
    for (;;) {
      const unit = this.#text.charAt(this.#end);
      if (unit !== "\t" && unit !== " " && unit !== "," && unit !== "\n" && unit !== "\r" && unit !== "\ufeff") return;
      this.#end += 1;
      if (unit === "\n" || unit === "\r") this.#newLine();
      // The line has begun before the second half of a line break: its first column is 2.
      if (unit === "\r" && this.#text.charAt(this.#end) === "\n") this.#end += 1;
    }
  }

  #newLine(): void {
    this.#line += 1;
    this.#lineStart = this.#end - this.#pairs;
  }

  #number(): Token {
    this.#accept("-");
    if (this.#accept("0")) {
      const at = this.#end;
      if (this.#take(DIGITS) !== "") {
        this.#end = at;
        return this.#invalid(`Invalid number, unexpected digit after 0: ${this.#next()}.`);
      }
    } else if (this.#take(DIGITS) === "") return this.#lacksDigit();
    const isFraction = this.#accept(".");
    if (isFraction && this.#take(DIGITS) === "") return this.#lacksDigit();
    const hasExponent = this.#accept("eE");
    if (hasExponent) this.#accept("-+");
    if (hasExponent && this.#take(DIGITS) === "") return this.#lacksDigit();
    return this.#token(isFraction || hasExponent ? "Float" : "Int", this.#text.slice(this.#start, this.#end));
  }

  #lacksDigit(): Token {
    return this.#invalid(`Invalid number, expected digit but got: ${this.#next()}.`);
  }

  #next(): string {
    const next = this.#text.charAt(this.#end);
    return next === "" ? END : `"${next}"`;
  }

  #accept(characters: string): boolean {
    const next = this.#text.charAt(this.#end);
    if (next === "" || !characters.includes(next)) return false;
    this.#end += 1;
    return true;
  }

  #string(): Token {
    // The place of a string is that of what it holds.
    this.#begin(1);
    let value = "";
    for (;;) {
      value += this.#take(PLAIN_TEXT);
      const next = this.#text.charAt(this.#end);
      if (next === '"') {
        const token = this.#token("String", value);
        this.#end += 1;
        return token;
      }
      if (next === "" || next === "\n" || next === "\r") return this.#invalid("Unterminated string.");
      if (next !== "\\") return this.#invalid(invalidInString(next));
      const escaped = this.#escape();
      if (escaped === undefined) return this.#invalid(this.#invalidEscape());
      value += escaped;
    }
  }

  /** What an escape stands for; undefined when it isn't one, with the cursor behind the backslash. */
  #escape(): string | undefined {
    this.#end += 1;
    const letter = this.#text.charAt(this.#end);
    const hex = this.#text.slice(this.#end + 1, this.#end + 5);
    if (letter === "u" && this.#end + 5 < this.#text.length && /^[0-9a-fA-F]{4}$/.test(hex)) {
      this.#end += 5;
      return String.fromCharCode(Number.parseInt(hex, 16)).toWellFormed();
    }
    const value = ESCAPES.get(letter);
    if (value !== undefined) this.#end += 1;
    return value;
  }

  #invalidEscape(): string {
    const letter = this.#text.charAt(this.#end);
    if (letter === "") return "Invalid character escape sequence.";
    return `Invalid character escape sequence: \\${letter === "u" ? this.#text.slice(this.#end, this.#end + 5) : letter}.`;
  }

  #blockString(): Token {
    this.#begin(3);
    let raw = "";
    for (;;) {
      raw += this.#take(PLAIN_TEXT);
      const next = this.#text.charAt(this.#end);
      QUOTES.lastIndex = this.#end;
      const quotes = QUOTES.exec(this.#text)?.[0] ?? "";
      if (quotes.length >= 3) {
        const token = this.#token("BlockString", blockStringValue(raw + quotes.slice(3)));
        this.#end += quotes.length;
        return token;
      }
      if (next === "") return this.#invalid("Unterminated string.");
      if (next < " " && next !== "\n" && next !== "\r") return this.#invalid(invalidInString(next));
      const isEscaped = this.#text.startsWith('\\"""', this.#end);
      const isLineBreak = next === "\r" && this.#text.charAt(this.#end + 1) === "\n";
      this.#end += isEscaped ? 4 : isLineBreak ? 2 : 1;
      raw += isEscaped ? '"""' : next === "\r" ? "\n" : next;
      if (next === "\n" || next === "\r") this.#newLine();
    }
  }
}

function invalidInString(character: string): string {
  return `Invalid character within String: "\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}".`;
}
