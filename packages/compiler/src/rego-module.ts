import { Buffer } from "node:buffer";
import { readDataRefs, type DataRef } from "./data-refs.ts";
import type { RegoSource } from "./opa-backend.ts";
import { integerOr, itemsOf, isFields, memberAt, textOr, type Fields } from "./json-access.ts";

/** A place in a file, with the source it covers. */
export interface RegoPlace {
  readonly row: number;
  readonly col: number;
  readonly text: string;
}

/** What a rule's head makes. `set` is the only form that gives findings. */
export type RegoRuleKind = "set" | "value" | "object" | "function";

export interface RegoRule {
  readonly name: string;
  readonly kind: RegoRuleKind;
  readonly place: RegoPlace;
  readonly node: Fields;
}

/** The METADATA block of a package. */
export interface PackageMetadata {
  readonly title: string;
  readonly description: string;
  readonly custom: Fields;
}

/** What we need of a file's syntax tree. */
export interface RegoModule {
  readonly file: string;
  /** For example `["cortexos", "rules", "spec"]`. */
  readonly packagePath: readonly string[];
  readonly packagePlace: RegoPlace;
  /** Names that imports bring in. */
  readonly imports: readonly string[];
  /** Whether rule bodies are written with `if`: in v1, and in v0 with `import rego.v1` or `future.keywords`. */
  readonly usesIf: boolean;
  readonly rules: readonly RegoRule[];
  /** Where rules and imports name something under `data`. */
  readonly dataRefs: readonly DataRef[];
  readonly metadata: PackageMetadata | undefined;
}

/** Reads OPA's syntax tree of a file. */
export function readRegoModule({ path: file, regoVersion }: RegoSource, module: Fields): RegoModule {
  const path = itemsOf(memberAt(module, "package", "path"));
  const metadata = itemsOf(module["annotations"]).find((item) => memberAt(item, "scope") === "package");
  return {
    file,
    packagePath: path.slice(1).map((term) => textOr(memberAt(term, "value"), "")),
    packagePlace: readPlace(memberAt(module, "package", "location")),
    imports: itemsOf(module["imports"]).map(importedName),
    usesIf: regoVersion === 1 || itemsOf(module["imports"]).some(bringsIf),
    rules: itemsOf(module["rules"]).filter(isFields).map(readRule),
    dataRefs: readDataRefs(module),
    metadata: metadata === undefined ? undefined : readMetadata(metadata),
  };
}

/** The place that OPA notes on a node. */
export function readPlace(location: unknown): RegoPlace {
  return {
    row: integerOr(memberAt(location, "row"), 1),
    col: integerOr(memberAt(location, "col"), 1),
    text: Buffer.from(textOr(memberAt(location, "text"), ""), "base64").toString("utf8"),
  };
}

function readRule(node: Fields): RegoRule {
  const head = node["head"];
  const ref = itemsOf(memberAt(head, "ref"));
  const name = textOr(memberAt(ref, 0, "value"), textOr(memberAt(head, "name"), ""));
  return { name, kind: kindOf(head, ref.length), place: readPlace(node["location"]), node };
}

function kindOf(head: unknown, refLength: number): RegoRuleKind {
  if (memberAt(head, "args") !== undefined) return "function";
  const keyed = memberAt(head, "key") !== undefined;
  const valued = memberAt(head, "value") !== undefined;
  if (keyed && !valued && refLength <= 1) return "set";
  return keyed || refLength > 1 ? "object" : "value";
}

function importedName(item: unknown): string {
  const path = itemsOf(memberAt(item, "path", "value"));
  return textOr(memberAt(item, "alias"), textOr(memberAt(path, path.length - 1, "value"), ""));
}

function bringsIf(item: unknown): boolean {
  const steps = itemsOf(memberAt(item, "path", "value")).map((term) => memberAt(term, "value"));
  return (steps[0] === "rego" && steps[1] === "v1") || (steps[0] === "future" && steps[1] === "keywords");
}

function readMetadata(annotation: unknown): PackageMetadata {
  const custom = memberAt(annotation, "custom");
  return {
    title: textOr(memberAt(annotation, "title"), ""),
    description: textOr(memberAt(annotation, "description"), ""),
    custom: isFields(custom) ? custom : {},
  };
}
