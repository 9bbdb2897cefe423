import { Buffer } from "node:buffer";
import { decodeJson, type JsonValue } from "@cortexos/protocol";
import { CompilerError, type CompilerErrorCode } from "./compiler-error.ts";

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

/** V8 names the position in its message, or says that the text ended. */
function syntaxFault(text: string): { readonly row: number; readonly col: number; readonly message: string } {
  try {
    JSON.parse(text);
    return noPlace("not JSON");
  } catch (reason) {
    const message = reason instanceof Error ? reason.message : "not JSON";
    const position = /at position (\d+)/.exec(message)?.[1];
    const before = text.slice(0, position === undefined ? text.length : Number(position));
    const row = before.split("\n").length;
    return { row, col: before.length - before.lastIndexOf("\n"), message: `not JSON: ${shorten(message)}` };
  }
}

function shorten(message: string): string {
  return message.replace(/,? (?:in JSON )?at position .*/s, "").replaceAll(/\s+/g, " ");
}
