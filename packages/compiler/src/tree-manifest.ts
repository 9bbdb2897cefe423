import type { JsonObject, JsonValue, PolicyManifest } from "@cortexos/protocol";
import { CompilerError } from "./compiler-error.ts";
import type { RegoVersion } from "./opa-backend.ts";

/** `bundle.json`: what a tree of packs says about its bundle as a whole. */
export interface TreeManifest extends Pick<
  PolicyManifest,
  "revision" | "require_allow" | "modifiable" | "payloads" | "records" | "strict_order"
> {
  /** Folder names of the packs that go into the bundle; every folder with a `pack.json` when absent. */
  readonly packs?: readonly string[];
  readonly not_before_ns?: string;
  readonly not_after_ns?: string;
}

/** `pack.json`: one pack. */
export interface PackManifest {
  readonly name: string;
  readonly version: string;
  readonly title: string;
  readonly rego_version: RegoVersion;
}

/**
 * Reads the fields of `bundle.json`. Unknown fields are refused, so that a misspelt one is not ignored.
 *
 * @throws CompilerError `compiler.manifest`.
 */
export function readTreeManifest(file: string, value: JsonValue): TreeManifest {
  const known = ["revision", "require_allow", "modifiable", "payloads", "records", "strict_order", "validity", "packs"];
  const at = reader(file, value, known);
  const window =
    at.value("validity") === undefined
      ? undefined
      : reader(`${file}: validity`, at.value("validity"), ["not_before", "not_after"]);
  const notBefore = window?.instant("not_before");
  const notAfter = window?.instant("not_after");
  if (notBefore !== undefined && notAfter !== undefined && BigInt(notBefore) >= BigInt(notAfter)) {
    throw wrong(file, "`validity.not_after` must be later than `validity.not_before`");
  }
  return {
    revision: at.revision("revision"),
    require_allow: at.boolean("require_allow", true),
    modifiable: at.list("modifiable", readModifiable),
    payloads: at.list("payloads", readPayload),
    records: at.list("records", readRecord),
    strict_order: at.patterns("strict_order"),
    ...(at.value("packs") === undefined ? {} : { packs: at.texts("packs") }),
    ...(notBefore === undefined ? {} : { not_before_ns: notBefore }),
    ...(notAfter === undefined ? {} : { not_after_ns: notAfter }),
  };
}

/**
 * Reads the fields of a `pack.json`.
 *
 * @throws CompilerError `compiler.manifest`.
 */
export function readPackManifest(file: string, value: JsonValue): PackManifest {
  const at = reader(file, value, ["name", "version", "title", "rego_version"]);
  const regoVersion = at.value("rego_version") ?? 1;
  if (regoVersion !== 0 && regoVersion !== 1) throw wrong(file, "`rego_version` must be 0 or 1");
  const version = at.text("version");
  if (!/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version)) throw wrong(file, "`version` must be `major.minor.patch`");
  return { name: at.text("name"), version, title: at.text("title"), rego_version: regoVersion };
}

type Item<T> = (where: string, value: JsonValue) => T;

const readModifiable: Item<TreeManifest["modifiable"][number]> = (where, value) => {
  const at = reader(where, value, ["subjects", "pointers", "headers", "topics"]);
  const pointers = at.texts("pointers");
  const bad = pointers.find((pointer) => !/^(?:\/(?:[^~]|~[01])*)+$/.test(pointer));
  if (bad !== undefined)
    throw wrong(where, `\`pointers\`: \`${bad}\` is no JSON pointer below the payload, such as \`/args/body\``);
  const headers = at.texts("headers");
  const shouting = headers.find((name) => name !== name.toLowerCase());
  if (shouting !== undefined) throw wrong(where, `\`headers\`: \`${shouting}\` must be lower-case`);
  return { subjects: at.pattern("subjects"), pointers, headers, topics: at.patterns("topics") };
};

const FORMATS = ["auto", "json", "protobuf", "binary"] as const;
const DURABILITIES = ["durable", "buffered"] as const;

const readPayload: Item<TreeManifest["payloads"][number]> = (where, value) => {
  const at = reader(where, value, ["subjects", "format", "type"]);
  const format = at.choice("format", FORMATS);
  const typed = at.value("type") !== undefined;
  if (typed !== (format === "protobuf")) throw wrong(where, "`type` belongs to the format `protobuf`, and only to it");
  return { subjects: at.pattern("subjects"), format, ...(typed ? { type: at.text("type") } : {}) };
};

const readRecord: Item<TreeManifest["records"][number]> = (where, value) => {
  const at = reader(where, value, ["subjects", "durability"]);
  return { subjects: at.pattern("subjects"), durability: at.choice("durability", DURABILITIES) };
};

interface Reader {
  value(key: string): JsonValue | undefined;
  text(key: string): string;
  texts(key: string): readonly string[];
  pattern(key: string): string;
  patterns(key: string): readonly string[];
  boolean(key: string, otherwise: boolean): boolean;
  revision(key: string): number;
  choice<T extends string>(key: string, choices: readonly T[]): T;
  list<T>(key: string, item: Item<T>): readonly T[];
  instant(key: string): string | undefined;
}

function reader(where: string, value: JsonValue | undefined, known: readonly string[]): Reader {
  if (!isObject(value)) throw wrong(where, "must be a JSON object");
  const strange = Object.keys(value).find((key) => !known.includes(key));
  if (strange !== undefined) throw wrong(where, `unknown field \`${strange}\`; known are ${known.join(", ")}`);
  const get = (key: string): JsonValue | undefined => (Object.hasOwn(value, key) ? value[key] : undefined);
  return { value: get, ...readersOf(where, get) };
}

function readersOf(where: string, get: (key: string) => JsonValue | undefined): Omit<Reader, "value"> {
  const text = (key: string): string => {
    const value = get(key);
    if (typeof value === "string" && value !== "") return value;
    throw wrong(where, `\`${key}\` must be a text`);
  };
  const texts = (key: string): readonly string[] =>
    listOf(where, key, get(key)).map((item) => {
      if (typeof item === "string") return item;
      throw wrong(where, `\`${key}\` must be a list of texts`);
    });
  return {
    text,
    texts,
    pattern: (key) => checkedPattern(where, key, text(key)),
    patterns: (key) => texts(key).map((pattern) => checkedPattern(where, key, pattern)),
    boolean: (key, otherwise) => {
      const value = get(key) ?? otherwise;
      if (typeof value === "boolean") return value;
      throw wrong(where, `\`${key}\` must be true or false`);
    },
    revision: (key) => {
      const value = get(key);
      if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1) return value;
      throw wrong(where, `\`${key}\` must be a whole number from 1, and grow with each release`);
    },
    choice: (key, choices) => {
      const found = choices.find((choice) => choice === get(key));
      if (found !== undefined) return found;
      throw wrong(where, `\`${key}\` must be one of ${choices.join(", ")}`);
    },
    list: (key, item) => listOf(where, key, get(key)).map((value, i) => item(`${where}: ${key}[${i}]`, value)),
    instant: (key) => (get(key) === undefined ? undefined : instantNs(where, key, text(key))),
  };
}

function listOf(where: string, key: string, value: JsonValue | undefined): readonly JsonValue[] {
  if (value === undefined) return [];
  if (isArray(value)) return value;
  throw wrong(where, `\`${key}\` must be a list`);
}

function checkedPattern(where: string, key: string, pattern: string): string {
  const tokens = pattern.split(".");
  const sound = tokens.every(
    (token, i) => /^[^\s.*>]+$/.test(token) || token === "*" || (token === ">" && i === tokens.length - 1),
  );
  if (sound) return pattern;
  throw wrong(where, `\`${key}\`: \`${pattern}\` is no subject pattern`);
}

function instantNs(where: string, key: string, text: string): string {
  const atMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs)) throw wrong(where, `\`${key}\`: \`${text}\` is no UTC time such as \`2026-01-31T00:00:00Z\``);
  return String(BigInt(atMs) * 1_000_000n);
}

function wrong(where: string, message: string): CompilerError {
  return new CompilerError("compiler.manifest", `${where}: ${message}`);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
