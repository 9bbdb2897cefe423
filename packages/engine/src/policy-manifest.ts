import {
  parsePointer,
  type ModifiableRule,
  type PayloadRule,
  type PolicyManifest,
  type RecordRule,
} from "@cortexos/protocol";
import type { EngineErrorCode } from "./errors.ts";
import {
  readChoice,
  readCounter,
  readFlag,
  readList,
  readMatching,
  readMembers,
  readOptional,
  readText,
  type Field,
} from "./fields.ts";

const CODE: EngineErrorCode = "bundle.manifest";

const NAMES = [
  "format",
  "revision",
  "entrypoint",
  "require_allow",
  "modifiable",
  "payloads",
  "records",
  "strict_order",
  "builtins",
  "not_before_ns",
  "not_after_ns",
] as const;

/**
 * Reads our part of a bundle's manifest. Strict: every field of {@link PolicyManifest} must be there and nothing else may be.
 *
 * @throws EngineError `bundle.manifest`, naming the field.
 */
export function readPolicyManifest(field: Field): PolicyManifest {
  const member = readMembers(field, NAMES, CODE);
  const notBeforeNs = readOptional(member("not_before_ns"), readInstant);
  const notAfterNs = readOptional(member("not_after_ns"), readInstant);
  if (notBeforeNs !== undefined && notAfterNs !== undefined && BigInt(notAfterNs) <= BigInt(notBeforeNs))
    member("not_after_ns").fail("later than not_before_ns");
  return {
    format: readChoice(member("format"), [1]),
    revision: readCounter(member("revision")),
    entrypoint: readMatching(member("entrypoint"), ENTRYPOINT, "a rule's path with slashes"),
    require_allow: readFlag(member("require_allow")),
    modifiable: readList(member("modifiable"), CODE, readModifiable),
    payloads: readList(member("payloads"), CODE, readPayload),
    records: readList(member("records"), CODE, readRecord),
    strict_order: readList(member("strict_order"), CODE, readPattern),
    builtins: readList(member("builtins"), CODE, readBuiltin),
    ...(notBeforeNs === undefined ? {} : { not_before_ns: notBeforeNs }),
    ...(notAfterNs === undefined ? {} : { not_after_ns: notAfterNs }),
  };
}

const ENTRYPOINT = /^[A-Za-z_]\w*(?:\/[A-Za-z_]\w*)+$/;
const INSTANT = /^(?:0|[1-9]\d{0,18})$/;
const BUILTIN = /^[a-z_]\w*(?:\.[a-z_]\w*)*$/;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
const PROTOBUF_NAME = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;
const PATTERN = /^(?:\*|[!-~]+)$/;

function readInstant(field: Field): string {
  return readMatching(field, INSTANT, "nanoseconds since 1970 as a decimal string");
}

function readBuiltin(field: Field): string {
  return readMatching(field, BUILTIN, "a built-in's name");
}

/** A subscription subject: `*` only as a whole token, `>` only as the whole last one. */
function readPattern(field: Field): string {
  const pattern = readText(field);
  const tokens = pattern.split(".");
  const good = tokens.every(
    (token, i) => PATTERN.test(token) && (token !== ">" || i === tokens.length - 1) && !/.[*>]|[*>]./.test(token),
  );
  return good ? pattern : field.fail("a subject pattern");
}

/** A pointer in which `*` may stand for a segment; never the whole payload. */
function readPointer(field: Field): string {
  const pointer = readText(field);
  const segments = parsePointer(pointer);
  return segments === undefined || segments.length === 0
    ? field.fail("an RFC 6901 pointer below the payload")
    : pointer;
}

function readModifiable(field: Field): ModifiableRule {
  const member = readMembers(field, ["subjects", "pointers", "headers", "topics"], CODE);
  return {
    subjects: readPattern(member("subjects")),
    pointers: readList(member("pointers"), CODE, readPointer),
    headers: readList(member("headers"), CODE, (item) => readMatching(item, HEADER_NAME, "a lower-case header name")),
    topics: readList(member("topics"), CODE, readPattern),
  };
}

function readPayload(field: Field): PayloadRule {
  const member = readMembers(field, ["subjects", "format", "type"], CODE);
  const subjects = readPattern(member("subjects"));
  const format = readChoice(member("format"), ["auto", "json", "protobuf", "binary"] as const);
  const type = readOptional(member("type"), (item) => readMatching(item, PROTOBUF_NAME, "a full Protobuf name"));
  if ((type !== undefined) !== (format === "protobuf")) member("type").fail("there with `protobuf`, and only then");
  return type === undefined ? { subjects, format } : { subjects, format, type };
}

function readRecord(field: Field): RecordRule {
  const member = readMembers(field, ["subjects", "durability"], CODE);
  return {
    subjects: readPattern(member("subjects")),
    durability: readChoice(member("durability"), ["durable", "buffered"] as const),
  };
}
