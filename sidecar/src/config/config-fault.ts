import type { z } from "zod";

/** What is wrong with a configuration, in words: the key, what it must be, and what to do where that isn't the same. */
export function configFault(issue: z.core.$ZodIssue): string {
  const where = issue.path.length === 0 ? "the document" : issue.path.map(String).join(".");
  return `${where}: ${wordsFor(issue, String(issue.path.at(-1) ?? ""))}`;
}

function wordsFor(issue: z.core.$ZodIssue, key: string): string {
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map(unknownKey).join("; ");
    case "invalid_type":
      return issue.input === undefined ? `is missing; ${must(issue.expected)}` : must(issue.expected);
    case "too_small":
      return `must ${sizeVerb(issue.origin)} at least ${issue.minimum}${unitOf(issue.origin, key)}`;
    case "too_big":
      return `must ${sizeVerb(issue.origin)} at most ${issue.maximum}${unitOf(issue.origin, key)}`;
    case "invalid_value":
      return oneOf(issue.values.map(String));
    case "invalid_union":
      return "options" in issue && Array.isArray(issue.options)
        ? oneOf(issue.options.map(String))
        : "has none of the forms that are known";
    case "custom":
    case "invalid_element":
    case "invalid_format":
    case "invalid_key":
    case "not_multiple_of":
      return issue.message.replace(/^Invalid input: /, "");
  }
}

/** Names that people give to a secret or a file in place, and the key that names its file. */
const FILE_KEYS: Readonly<Record<string, string>> = {
  password: "passwordFile",
  token: "tokenFile",
  seed: "seedFile",
  nkey: "seedFile",
  creds: "credsFile",
  key: "keyFile",
  cert: "certFile",
  ca: "caFile",
  publicKey: "publicKeyFile",
};

function unknownKey(key: string): string {
  const file = Object.hasOwn(FILE_KEYS, key) ? FILE_KEYS[key] : undefined;
  const todo = file === undefined ? "remove or rename it" : `put its content into a file and name that in \`${file}\``;
  return `unknown key \`${key}\`; ${todo}`;
}

const NOUNS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a whole number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

function must(expected: string): string {
  return `must be ${NOUNS[expected] ?? expected}`;
}

function sizeVerb(origin: string): string {
  return origin === "number" || origin === "int" ? "be" : "have";
}

function unitOf(origin: string, key: string): string {
  if (origin === "string") return " characters";
  if (origin === "array") return " items";
  if (key.endsWith("Ms")) return " ms";
  if (key.endsWith("Us")) return " µs";
  return /Bytes(?:Max|High)?$/.test(key) ? " bytes" : "";
}

/** What is there is not shown: it may be a secret in the wrong place. */
function oneOf(values: readonly string[]): string {
  const known = values.map((value) => `\`${value}\``).join(", ");
  return values.length === 1 ? `must be ${known}` : `must be one of ${known}`;
}
