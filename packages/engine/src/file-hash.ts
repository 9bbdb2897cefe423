import { decodeJson, sha256Hex } from "@cortexos/protocol";
import { BUNDLE_PATHS, DATA_LIMITS } from "./bundle.ts";
import { compareStrings } from "./plan/values/compare.ts";
import { parseJson } from "./plan/values/json-parse.ts";
import { RegoNumber } from "./plan/values/number.ts";
import { isPlainObject, type Value } from "./plan/values/value.ts";
import { EngineError } from "./errors.ts";

/**
 * SHA-256 of a file as OPA's bundle signatures name it, lower-case hex: JSON documents (`.manifest`, `data.json`) by their values with keys
 * in code point order and numbers as written, everything else by its bytes.
 *
 * @throws EngineError `bundle.content` when a JSON document isn't strict JSON.
 */
export function hashFile(path: string, content: Uint8Array): string {
  const structured = path === BUNDLE_PATHS.data || path === BUNDLE_PATHS.manifest;
  return sha256Hex(structured ? documentText(path, content) : content);
}

function documentText(path: string, content: Uint8Array): string {
  // The strict decoder first: it bounds nesting and size for the second one, which keeps the numbers' texts.
  const decoding = decodeJson(content, DATA_LIMITS);
  if (!decoding.ok) throw new EngineError("bundle.content", `${path}: ${decoding.reason}`);
  return valueText(parseJson(new TextDecoder().decode(content)));
}

function valueText(value: Value): string {
  if (typeof value === "string") return stringText(value);
  if (value instanceof RegoNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(valueText).join(",")}]`;
  if (!isPlainObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => compareStrings(a, b));
  return `{${members.map(([key, member]) => `${stringText(key)}:${valueText(member)}`).join(",")}}`;
}

/** As Go prints strings with HTML characters left alone: ECMAScript's way, but for the two line separators. */
function stringText(text: string): string {
  return JSON.stringify(text).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}
