/**
 * The pattern as a regular expression of JS's own, when both mean the same and JS's is sure to take linear time; undefined for all
 * others. Meant for tests only: what groups capture may differ.
 *
 * Sure are patterns without repeated groups in which whatever repeats is followed by a character it can't stand for, so that giving
 * back what was taken leads nowhere, and that begin at the beginning if anything repeats without bound.
 *
 * @param pattern - a valid pattern of RE2
 */
export function nativeRegex(pattern: string): RegExp | undefined {
  const reader = new PatternReader(pattern);
  const isAnchored = reader.accept("^");
  const source = reader.sequence();
  if (source === undefined || !reader.isAtEnd || (reader.hasUnbounded && !isAnchored)) return undefined;
  return new RegExp(`${isAnchored ? "^" : ""}${source}`, "u");
}

/** Choices that the pattern may leave open: each can double the work. */
const CHOICES_MAX = 4;
const REPEATS_MAX = 1000;

const CLASSES: ReadonlyMap<string, string> = new Map([
  ["d", "0-9"],
  ["s", "\\t\\n\\f\\r "],
  ["w", "0-9A-Za-z_"],
]);
const CONTROLS: ReadonlyMap<string, string> = new Map([
  ["n", "\\n"],
  ["t", "\\t"],
  ["r", "\\r"],
]);

/** One character's worth of pattern, or a group. */
interface Atom {
  readonly source: string;
  /** The character, when it is a single one. */
  readonly literal: string | undefined;
}

class PatternReader {
  readonly #characters: readonly string[];
  #at = 0;
  #choices = 0;
  hasUnbounded = false;

  constructor(pattern: string) {
    this.#characters = Array.from(pattern);
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#characters.length;
  }

  accept(character: string): boolean {
    if (this.#characters[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  /** Atoms one after the other, up to the end or to what ends an alternative. */
  sequence(isGroup = false): string | undefined {
    let source = "";
    /** What repeats and waits for a character that it can't stand for. */
    let open: Atom | undefined;
    while (!this.isAtEnd && !(isGroup && /[|)]/.test(this.#peek()))) {
      if (!isGroup && this.accept("$")) return this.isAtEnd ? `${source}$` : undefined;
      const atom = this.#atom();
      const repeated = atom === undefined ? undefined : this.#quantifier();
      if (atom === undefined || repeated === undefined) return undefined;
      if (open !== undefined && (atom.literal === undefined || repeated.mayBeAbsent || matches(open, atom.literal)))
        return undefined;
      if (repeated.isVariable && atom.source.startsWith("(")) return undefined;
      open = repeated.isVariable ? atom : undefined;
      source += atom.source + repeated.source;
    }
    return open !== undefined && isGroup ? undefined : source;
  }

  #peek(): string {
    return this.#characters[this.#at] ?? "";
  }

  #atom(): Atom | undefined {
    const character = this.#peek();
    this.#at += 1;
    switch (character) {
      case "(":
        return this.#group();
      case "[":
        return this.#class();
      case ".":
        return { source: "[^\\n]", literal: undefined };
      case "\\":
        return this.#escape();
      default:
        return /[*+?{}|)^$\]]/.test(character) ? undefined : literalAtom(character);
    }
  }

  #group(): Atom | undefined {
    if (this.accept("?") && !this.accept(":")) return undefined;
    const parts: string[] = [];
    do {
      const part = this.sequence(true);
      if (part === undefined) return undefined;
      parts.push(part);
    } while (this.accept("|"));
    this.#choices += parts.length - 1;
    if (!this.accept(")") || this.#choices > CHOICES_MAX) return undefined;
    return { source: `(?:${parts.join("|")})`, literal: undefined };
  }

  #escape(): Atom | undefined {
    const character = this.#peek();
    this.#at += 1;
    const [name, control] = [CLASSES.get(character.toLowerCase()), CONTROLS.get(character)];
    if (name !== undefined) {
      return { source: `[${character === character.toLowerCase() ? "" : "^"}${name}]`, literal: undefined };
    }
    if (control !== undefined) return { source: control, literal: undefined };
    return /^[!-/:-@[-`{-~]$/.test(character) ? literalAtom(character) : undefined;
  }

  #class(): Atom | undefined {
    let source = this.accept("^") ? "[^" : "[";
    for (let isFirst = true; !this.accept("]"); isFirst = false) {
      const from = this.#member(isFirst);
      const isRange = this.#peek() === "-" && this.#characters[this.#at + 1] !== "]";
      if (isRange) this.#at += 1;
      const to = isRange ? this.#member(false) : undefined;
      // A class is no end of a range.
      if (from === undefined || (isRange && (to === undefined || !from.isSingle || !to.isSingle))) return undefined;
      source += to === undefined ? from.source : `${from.source}-${to.source}`;
    }
    return { source: `${source}]`, literal: undefined };
  }

  #member(isFirst: boolean): { readonly source: string; readonly isSingle: boolean } | undefined {
    const character = this.#peek();
    this.#at += 1;
    // A bracket may begin a POSIX class; at the beginning, one that closes stands for itself.
    if (character === "" || character === "[" || (isFirst && character === "]")) return undefined;
    if (character === "-" && !isFirst && this.#peek() !== "]") return undefined;
    if (character !== "\\") return { source: inClass(character), isSingle: true };
    const next = this.#peek();
    this.#at += 1;
    const [name, control] = [CLASSES.get(next), CONTROLS.get(next)];
    if (name !== undefined) return { source: name, isSingle: false };
    if (control !== undefined) return { source: control, isSingle: true };
    return /^[!-/:-@[-`{-~]$/.test(next) ? { source: inClass(next), isSingle: true } : undefined;
  }

  #quantifier(): { readonly source: string; readonly isVariable: boolean; readonly mayBeAbsent: boolean } | undefined {
    const text = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/.exec(this.#characters.slice(this.#at, this.#at + 12).join(""))?.[0];
    if (text === undefined) return { source: "", isVariable: false, mayBeAbsent: false };
    this.#at += text.length;
    // Something behind it that repeats it again is for RE2 to read.
    if (/[*+?{]/.test(this.#peek())) return undefined;
    const [, min = "0", comma, max = ""] = /^\{(\d+)(,)?(\d*)/.exec(text) ?? [];
    if (text.startsWith("?")) {
      this.#choices += 1;
      return this.#choices > CHOICES_MAX ? undefined : { source: "?", isVariable: false, mayBeAbsent: true };
    }
    const isUnbounded = /^[*+]/.test(text) || (comma !== undefined && max === "");
    if (isUnbounded) this.hasUnbounded = true;
    if (Number(max) > REPEATS_MAX || Number(min) > REPEATS_MAX) return undefined;
    const isVariable = isUnbounded || (comma !== undefined && max !== min);
    return {
      source: text.replace(/\?$/, ""),
      isVariable,
      mayBeAbsent: text.startsWith("*") || (text.startsWith("{") && Number(min) === 0),
    };
  }
}

function literalAtom(character: string): Atom {
  return { source: escaped(character), literal: character };
}

function escaped(character: string): string {
  return /^[\^$\\.*+?()[\]{}|/]$/.test(character) ? `\\${character}` : character;
}

function inClass(character: string): string {
  return /^[\^\\[\]-]$/.test(character) ? `\\${character}` : character;
}

function matches({ source }: Atom, character: string): boolean {
  return new RegExp(`^${source}$`, "u").test(character);
}
