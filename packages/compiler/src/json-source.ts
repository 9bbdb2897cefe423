import { Buffer } from "node:buffer";
import { decodeJson, type JsonValue } from "@cortexos/protocol";
import { CompilerError, type CompilerErrorCode } from "./compiler-error.ts";
import { findJsonFault } from "./json-fault.ts";

/** Data of a pack may be longer than a payload. */
const LIMITS = { depthMax: 64, valuesMax: 2_000_000 };

/**
 * Reads a JSON file of a tree, strictly: no key twice, no number that a double can't hold.
 *
 * @throws CompilerError with the given code and `file:line:col` of what is wrong.
 */
export function parseJsonSource(file: string, bytes: Uint8Array, code: CompilerErrorCode): JsonValue {
  const decoded = decodeJson(bytes, LIMITS);
  if (decoded.ok) return decoded.value;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  const { row, col, message } = decoded.code === "payload.json" ? syntaxFault(text) : noPlace(decoded.reason);
  const diagnostic = { file, row, col, code: decoded.code, message };
  throw new CompilerError(code, `${file}:${row}:${col}: ${message}`, { diagnostics: [diagnostic] });
}

function noPlace(reason: string): { readonly row: number; readonly col: number; readonly message: string } {
  return { row: 1, col: 1, message: reason };
}

function syntaxFault(text: string): { readonly row: number; readonly col: number; readonly message: string } {
  const found = findJsonFault(text);
  if (found === undefined) return noPlace("not JSON");
  const before = text.slice(0, found.at);
  const row = before.split("\n").length;
  return { row, col: before.length - before.lastIndexOf("\n"), message: `not JSON: ${found.message}` };
}
