import { parseAddress } from "../ip-network.ts";

/** Whether Go's `mail.ParseAddress` takes the text: one mailbox, with or without a name and comments, or a group of one. */
export function isMailAddress(text: string): boolean {
  const reader = new MailReader(text);
  return reader.address(true) === 1 && reader.skipComments() && reader.isAtEnd;
}

const ATOM = /[!#-'*+\-./0-9=?A-Z^_`a-z{|}~\u0080-\uffff]+/y;
const QUOTED = /"((?:[\t !#-[\]-~\u0080-\uffff]|\\[\t !-~\u0080-\uffff])*)"/y;
const LITERAL = /\[([!-Z^-~\u0080-\uffff]*)\]/y;
const SPACE = /[ \t]*/y;

class MailReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** Takes a mailbox or a group; gives how many addresses there are, undefined when it is neither. */
  address(mayBeGroup: boolean): number | undefined {
    this.#skipSpace();
    if (this.#spec()) {
      this.#skipSpace();
      return this.#isNext("(") && !this.#comment() ? undefined : 1;
    }
    if (!this.#isNext("<") && !this.#phrase()) return undefined;
    this.#skipSpace();
    if (mayBeGroup && this.#accept(":")) return this.#group();
    return this.#accept("<") && this.#spec() && this.#accept(">") ? 1 : undefined;
  }

  skipComments(): boolean {
    this.#skipSpace();
    while (this.#isNext("(")) {
      if (!this.#comment()) return false;
      this.#skipSpace();
    }
    return true;
  }

  #group(): number | undefined {
    this.#skipSpace();
    if (this.#accept(";")) return this.skipComments() ? 0 : undefined;
    for (let count = 1; ; count += 1) {
      this.#skipSpace();
      if (this.address(false) === undefined || !this.skipComments()) return undefined;
      if (this.#accept(";")) return this.skipComments() ? count : undefined;
      if (!this.#accept(",")) return undefined;
    }
  }

  /** `local@domain`; takes nothing when there is none. */
  #spec(): boolean {
    const start = this.#at;
    this.#skipSpace();
    const local = this.#isNext('"') ? this.#take(QUOTED)?.slice(1, -1) : this.#dotAtom();
    if (local !== undefined && local !== "" && this.#accept("@")) {
      this.#skipSpace();
      if (this.#isNext("[") ? this.#literal() : this.#dotAtom() !== undefined) return true;
    }
    this.#at = start;
    return false;
  }

  #dotAtom(): string | undefined {
    const atom = this.#take(ATOM);
    return atom === undefined || /^\.|\.\.|\.$/.test(atom) ? undefined : atom;
  }

  #literal(): boolean {
    const literal = this.#take(LITERAL);
    return literal !== undefined && parseAddress(literal.slice(1, -1)) !== undefined;
  }

  #phrase(): boolean {
    for (let words = 0; ; words += 1) {
      if (words > 0 && !this.skipComments()) return false;
      this.#skipSpace();
      if (this.isAtEnd) return true;
      if (this.#take(this.#isNext('"') ? QUOTED : ATOM) === undefined) return words > 0;
    }
  }

  /** A comment, which may hold others. */
  #comment(): boolean {
    let depth = 0;
    do {
      const next = this.#text.charAt(this.#at);
      if (next === "\\" && this.#at + 1 < this.#text.length) this.#at += 1;
      else if (next === "(") depth += 1;
      else if (next === ")") depth -= 1;
      this.#at += 1;
    } while (depth > 0 && !this.isAtEnd);
    return depth === 0;
  }

  #take(expression: RegExp): string | undefined {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #skipSpace(): void {
    this.#take(SPACE);
  }

  #isNext(character: string): boolean {
    return this.#text.charAt(this.#at) === character;
  }

  #accept(character: string): boolean {
    if (!this.#isNext(character)) return false;
    this.#at += 1;
    return true;
  }
}
