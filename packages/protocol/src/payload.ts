import { Buffer } from "node:buffer";
import { canonicalJson } from "./canonical-json.ts";
import type { PayloadFormat } from "./input.ts";
import { decodeJson, type JsonFault } from "./json-text.ts";
import type { JsonValue } from "./json-value.ts";
import { isLenientJson } from "./lenient-json.ts";
import type { PayloadRule } from "./policy-manifest.ts";
import { protobufType } from "./protobuf.ts";

/** Why a payload can't be decided; each is a DENY with this reason code. */
export type PayloadFault = JsonFault | "payload.protobuf" | "payload.type";

/** What {@link decodePayload} answers. */
export type PayloadDecoding =
  | { readonly ok: true; readonly format: PayloadFormat; readonly value: JsonValue }
  | { readonly ok: false; readonly code: PayloadFault; readonly reason: string };

/** How a payload is read: the part of a {@link PayloadRule} that isn't its subjects. */
export type PayloadForm = Pick<PayloadRule, "format" | "type">;

/** How payloads are read where no rule says. */
export const PAYLOAD_FORM_DEFAULT: PayloadForm = { format: "auto" };

/**
 * Decodes a payload as a rule says. Never throws.
 *
 * With `auto`, what a lenient reader could take for JSON must be JSON that all readers read alike: a key twice or an inexact number is a
 * fault, not a `binary` payload whose fields no rule sees. What nobody takes for JSON is `binary`.
 *
 * @param bytes - not kept, not changed.
 */
export function decodePayload(bytes: Uint8Array, form: PayloadForm = PAYLOAD_FORM_DEFAULT): PayloadDecoding {
  switch (form.format) {
    case "auto":
      return bytes.length === 0 ? EMPTY : decodeAuto(bytes);
    case "json":
      return decodeAsJson(bytes);
    case "protobuf":
      return decodeProtobuf(bytes, form.type);
    case "binary":
      return bytes.length === 0 ? EMPTY : BINARY;
  }
}

/**
 * Encodes a changed payload: JSON as canonical JSON, Protobuf of a known type checked by decoding it again. Never throws.
 *
 * @returns `undefined` when the value can't be said in that format.
 */
export function encodePayload(value: JsonValue, format: PayloadFormat, type?: string): Uint8Array | undefined {
  if (format === "json") return encodeJson(value);
  if (format !== "protobuf" || typeof value !== "object" || value === null || isArray(value)) return undefined;
  return protobufType(type ?? "")?.encode(value);
}

const EMPTY: PayloadDecoding = { ok: true, format: "empty", value: null };
const BINARY: PayloadDecoding = { ok: true, format: "binary", value: null };

function decodeAsJson(bytes: Uint8Array): PayloadDecoding {
  const decoded = decodeJson(bytes);
  return decoded.ok ? { ok: true, format: "json", value: decoded.value } : decoded;
}

function decodeAuto(bytes: Uint8Array): PayloadDecoding {
  const decoded = decodeAsJson(bytes);
  if (decoded.ok || (decoded.code !== "payload.json" && decoded.code !== "payload.utf8")) return decoded;
  return isLenientJson(bytes) ? decoded : BINARY;
}

function decodeProtobuf(bytes: Uint8Array, typeName: string | undefined): PayloadDecoding {
  const type = protobufType(typeName ?? "");
  if (type === undefined) return { ok: false, code: "payload.type", reason: "the Protobuf type is not known" };
  const value = type.decode(bytes);
  if (value !== undefined) return { ok: true, format: "protobuf", value };
  return { ok: false, code: "payload.protobuf", reason: `the payload is not a canonical ${typeName}` };
}

function encodeJson(value: JsonValue): Uint8Array | undefined {
  try {
    return Buffer.from(canonicalJson(value), "utf8");
  } catch {
    return undefined;
  }
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
