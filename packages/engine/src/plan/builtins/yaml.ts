import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseAllDocuments,
  Scalar,
  stringify,
  type Alias,
  type Document,
  type Node,
} from "yaml";
import type { UncheckedBuiltin } from "../run/builtin.ts";
import { PlanError } from "../plan-error.ts";
import { spend } from "../run/meter.ts";
import { numberFromBigInt } from "../values/number.ts";
import { definePlain, sortedEntries } from "../values/object.ts";
import { toJsonValue } from "../values/to-js.ts";
import { isNumber, isObject, type PlainObject, type Value } from "../values/value.ts";
import { numberText } from "../values/number.ts";
import { fails, stringOperand } from "./operands.ts";

/** YAML by way of JSON, as OPA reads and prints it. */
export const YAML_BUILTINS: Readonly<Record<string, UncheckedBuiltin>> = {
  "yaml.unmarshal": (_, text: Value) => parseYaml(stringOperand(text, 1)),
  "yaml.is_valid": (_, text: Value) => typeof text === "string" && isYaml(text),
  "yaml.marshal": (_, value: Value) => print(toJsonValue(value)),
};

/** Aliases may not blow a document up beyond this many nodes. */
const NODE_COUNT_MAX = 1_000_000;

function isYaml(text: string): boolean {
  try {
    parseYaml(text);
    return true;
  } catch (reason) {
    if (reason instanceof PlanError) throw reason;
    return false;
  }
}

function parseYaml(text: string): Value {
  const documents = parseAllDocuments(text, { version: "1.2", merge: true, intAsBigInt: true, logLevel: "silent" });
  if (!Array.isArray(documents)) return null;
  for (const document of documents) {
    const [problem] = document.errors;
    if (problem !== undefined) return fails(`yaml: ${problem.message}`);
  }
  const [first] = documents;
  if (first === undefined) return null;
  return convert(first.contents, { document: first, left: NODE_COUNT_MAX, resolved: new Map() });
}

interface Conversion {
  readonly document: Document.Parsed;
  left: number;
  /** What each alias stands for: finding it means walking through the document. */
  readonly resolved: Map<Node, Node | undefined>;
}

function convert(node: Node | null | undefined, conversion: Conversion): Value {
  conversion.left -= 1;
  spend(1);
  if (conversion.left < 0) return fails("yaml: document contains excessive aliasing");
  if (node === null || node === undefined) return null;
  if (isAlias(node)) return convert(resolve(node, conversion), conversion);
  if (isScalar(node)) return scalar(node);
  if (isSeq<Node>(node)) return node.items.map((item) => convert(item, conversion));
  if (!isMap<Node, Node | null>(node)) return fails("yaml: unknown node");
  const object: PlainObject = {};
  const merged: PlainObject[] = [];
  for (const { key, value } of node.items) {
    const isMerge = isScalar(key) && key.type === "PLAIN" && key.source === "<<";
    if (isMerge) merged.push(...mergeSources(convert(value, conversion)));
    else definePlain(object, keyText(convert(key, conversion)), convert(value, conversion));
  }
  for (const source of merged) {
    for (const [key, value] of Object.entries(source)) if (!Object.hasOwn(object, key)) definePlain(object, key, value);
  }
  return object;
}

function resolve(alias: Alias, { document, resolved }: Conversion): Node | undefined {
  if (!resolved.has(alias)) resolved.set(alias, alias.resolve(document));
  return resolved.get(alias);
}

function mergeSources(value: Value): readonly PlainObject[] {
  const sources = Array.isArray(value) ? value : [value];
  return sources.map((source) =>
    isPlain(source) ? source : fails("yaml: map merge requires map or sequence of maps"),
  );
}

function isPlain(value: Value): value is PlainObject {
  return isObject(value);
}

function keyText(key: Value): string {
  if (typeof key === "string") return key;
  if (isNumber(key)) return numberText(key);
  return key === null || typeof key === "boolean" ? String(key) : fails("yaml: unsupported map key");
}

function scalar(node: Scalar): Value {
  const { value } = node;
  if (typeof value === "bigint") return numberFromBigInt(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : fails("json: unsupported value");
  if (typeof value === "boolean" || value === null) return value;
  if (node.type === "PLAIN" && node.tag === undefined) return plainText(node.source ?? "");
  return typeof value === "string" ? value.toWellFormed() : fails("yaml: unknown scalar");
}

/** What Go's reader takes for a number beyond the core schema. */
function plainText(source: string): Value {
  const digits = source.replaceAll("_", "");
  if (/^[+-]?0b[01]+$/.test(digits) || /^-0[xo][0-9a-fA-F]+$/.test(digits)) {
    const size = BigInt(digits.replace(/^[+-]/, ""));
    return numberFromBigInt(digits.startsWith("-") ? -size : size);
  }
  if (/^[+-]?\d[\d_]*$/.test(source) && source.includes("_")) return numberFromBigInt(BigInt(digits));
  return source.toWellFormed();
}

function print(value: Value): string {
  const text = stringify(printable(value), { lineWidth: 0, version: "1.2", schema: "core", singleQuote: true });
  // Go indents a block of text even where nothing is around it.
  return typeof value === "string" && /^[|>]/.test(text) ? text.replace(/\n(?=[^\n])/g, "\n  ") : text;
}

/** Texts that a reader would take for something else. */
const AMBIGUOUS =
  /^(?:|~|null|true|false|yes|no|on|off|y|n|[-+]?\.inf|\.nan|[-+]?[\d._]+(?:e[-+]?\d+)?|0[xob][\da-f_]+|\d{4}-\d\d?-\d\d?.*|<<|=)$/i;

function printableText(text: string): unknown {
  if (!AMBIGUOUS.test(text)) return text;
  const scalar = new Scalar(text);
  scalar.type = "QUOTE_DOUBLE";
  return scalar;
}

/** Numbers as they print, keys in order. */
function printable(value: Value): unknown {
  if (typeof value === "string") return printableText(value);
  if (Array.isArray(value)) return value.map(printable);
  if (isNumber(value)) return typeof value === "number" ? value : exact(numberText(value));
  if (!isObject(value)) return value;
  return new Map([...sortedEntries(value)].map(([key, member]) => [printable(key), printable(member)]));
}

function exact(text: string): unknown {
  return /^-?\d+$/.test(text) ? BigInt(text) : Number(text);
}
