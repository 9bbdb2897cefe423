import { createConfigScanner, type ConfigScanner, type ConfigSource, type ConfigText } from "./config-scanner.ts";

/** A value of nats-server's configuration. Numbers and truths stay texts. */
export type ConfigValue = string | ConfigMap | readonly ConfigValue[];

/** Names in lower case, as the server compares them. */
export type ConfigMap = ReadonlyMap<string, ConfigValue>;

/** Deepest nesting that is read, and longest chain of inclusions. */
export const CONFIG_DEPTH_MAX = 32;

/** What a configuration refers to. */
export interface ConfigSurroundings {
  /** The text of an included file. @throws DoctorError `doctor.config`. */
  include(path: string, from: string): ConfigSource;
  /** A variable of the environment. */
  variable(name: string): string | undefined;
}

/**
 * Parses a configuration of nats-server: maps, arrays, texts, comments, `include` and variables.
 *
 * @throws DoctorError `doctor.config`, with `file:line`.
 */
export function parseNatsConfig(source: ConfigSource, surroundings: ConfigSurroundings): ConfigMap {
  const top = new Map<string, ConfigValue>();
  readSource(source, { surroundings, scopes: [top], depth: 0 });
  return top;
}

interface Place {
  readonly surroundings: ConfigSurroundings;
  /** Maps around this place, outermost first: a variable is looked up from the innermost. */
  readonly scopes: readonly Map<string, ConfigValue>[];
  readonly depth: number;
}

function readSource(source: ConfigSource, place: Place): void {
  const scanner = createConfigScanner(source);
  if (place.depth > CONFIG_DEPTH_MAX) scanner.fail("nested too deep");
  readMembers({ scanner, file: source.file }, "", place);
}

interface Reader {
  readonly scanner: ConfigScanner;
  readonly file: string;
}

/** Members up to a closing character, or to the end of the text. */
function readMembers(reader: Reader, close: "" | "}", place: Place): void {
  const { scanner } = reader;
  for (;;) {
    scanner.skipBlank(",;");
    if (scanner.peek() === close) {
      scanner.skip(close.length);
      return;
    }
    if (scanner.peek() === "") scanner.fail("a map isn't closed");
    readMember(reader, place);
  }
}

function readMember(reader: Reader, place: Place): void {
  const { scanner, file } = reader;
  const name = readName(scanner);
  scanner.skipBlank("=:");
  if (name.isBare && name.text.toLowerCase() === "include") {
    const { text } = scanner.readText();
    readSource(place.surroundings.include(text, file), { ...place, depth: place.depth + 1 });
    return;
  }
  place.scopes.at(-1)?.set(name.text.toLowerCase(), readValue(reader, place));
}

/** A name ends at a separator, which a bare text does not. */
function readName(scanner: ConfigScanner): ConfigText {
  if (/["']/.test(scanner.peek())) return scanner.readText();
  let text = "";
  while (/[^\s=:{}[\],;"'#]/.test(scanner.peek())) {
    text += scanner.peek();
    scanner.skip(1);
  }
  return text === "" ? scanner.fail("a name is missing") : { text, isBare: true };
}

function readValue(reader: Reader, place: Place): ConfigValue {
  const { scanner } = reader;
  const inner: Place = { ...place, depth: place.depth + 1 };
  if (inner.depth > CONFIG_DEPTH_MAX) scanner.fail("nested too deep");
  if (scanner.peek() === "{") {
    scanner.skip(1);
    const map = new Map<string, ConfigValue>();
    readMembers(reader, "}", { ...inner, scopes: [...place.scopes, map] });
    return map;
  }
  if (scanner.peek() === "[") {
    scanner.skip(1);
    return readItems(reader, inner);
  }
  return resolve(scanner, scanner.readText(), place);
}

function readItems(reader: Reader, place: Place): readonly ConfigValue[] {
  const { scanner } = reader;
  const items: ConfigValue[] = [];
  for (;;) {
    scanner.skipBlank(",;");
    if (scanner.peek() === "]") {
      scanner.skip(1);
      return items;
    }
    if (scanner.peek() === "") scanner.fail("an array isn't closed");
    items.push(readValue(reader, place));
  }
}

function resolve(scanner: ConfigScanner, { isBare, text }: ConfigText, place: Place): ConfigValue {
  // nats-server takes `$2a$…` for what it is: a hashed password.
  if (!isBare || !text.startsWith("$") || text.startsWith("$2")) return text;
  const name = text.slice(1);
  for (const scope of place.scopes.toReversed()) {
    const value = scope.get(name.toLowerCase());
    if (value !== undefined) return value;
  }
  return place.surroundings.variable(name) ?? scanner.fail(`variable ${text} is not set`);
}
