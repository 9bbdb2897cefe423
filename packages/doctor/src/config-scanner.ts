import { DoctorError } from "./doctor-error.ts";

/** Where a scanner is in a text, for messages. */
export interface ConfigSource {
  /** Its name as the user gave it. */
  readonly file: string;
  readonly text: string;
}

/** Characters of nats-server's configuration language, one after the other. */
export interface ConfigScanner {
  /** The character here; an empty text at the end. */
  peek(): string;
  /** Whether the text goes on with these characters. */
  isAt(characters: string): boolean;
  /** Steps over characters. */
  skip(count: number): void;
  /** Steps over white space, comments, and the given separators. */
  skipBlank(separators: string): void;
  /** A text in quotes, in blocks, or bare up to where it must end. */
  readText(): ConfigText;
  fail(what: string): never;
}

/** A text of the configuration, and whether it stood bare: only then is it a variable, a number or a truth. */
export interface ConfigText {
  readonly text: string;
  readonly isBare: boolean;
}

export function createConfigScanner({ file, text }: ConfigSource): ConfigScanner {
  let at = 0;
  const scanner: ConfigScanner = {
    peek: () => text.charAt(at),
    isAt: (characters) => text.startsWith(characters, at),
    skip: (count) => {
      at += count;
    },
    skipBlank,
    readText,
    fail,
  };
  return scanner;

  function skipBlank(separators: string): void {
    for (;;) {
      const c = text.charAt(at);
      if (c === "") return;
      if (c === "#" || text.startsWith("//", at)) skipLine();
      else if (/\s/.test(c) || separators.includes(c)) at++;
      else return;
    }
  }

  function skipLine(): void {
    const end = text.indexOf("\n", at);
    at = end === -1 ? text.length : end;
  }

  function readText(): ConfigText {
    const c = text.charAt(at);
    if (c === '"') return { text: readDoubleQuoted(), isBare: false };
    if (c === "'") return { text: readUntil("'"), isBare: false };
    if (c === "(") return { text: readUntil("\n)"), isBare: false };
    return { text: readBare(), isBare: true };
  }

  function readUntil(close: string): string {
    const end = text.indexOf(close, at + 1);
    if (end === -1) return fail("a text isn't closed");
    const found = text.slice(at + 1, end);
    at = end + close.length;
    return found;
  }

  function readDoubleQuoted(): string {
    const match = DOUBLE_QUOTED.exec(text.slice(at, at + TEXT_CHARS_MAX));
    if (match === null) return fail("a text isn't closed");
    at += match[0].length;
    return (match[1] ?? "").replaceAll(ESCAPE, (_, escaped: string) => unescape(escaped));
  }

  function readBare(): string {
    const match = BARE.exec(text.slice(at, at + TEXT_CHARS_MAX));
    if (match === null) return fail("a value is missing");
    at += match[0].length;
    return match[0];
  }

  function fail(what: string): never {
    const line = text.slice(0, at).split("\n").length;
    throw new DoctorError("doctor.config", `${file}:${line}: ${what}`);
  }
}

/** Longest text, in UTF-16 units. */
const TEXT_CHARS_MAX = 65_536;
const DOUBLE_QUOTED = /^"((?:[^"\\]|\\[^])*)"/;
const ESCAPE = /\\(x[0-9a-fA-F]{2}|[^])/g;
const BARE = /^[^\s,;\]}{[#=:][^\s,;\]}{[]*/;

function unescape(escaped: string): string {
  if (escaped.startsWith("x")) return String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
  const meanings: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };
  return meanings[escaped] ?? escaped;
}
