import { canonicalJson, type EvaluationFailure, type Input, type JsonValue } from "@cortexos/protocol";
import { messageOf } from "./errors.ts";
import { INPUT_BYTES_MAX, type Evaluator, type RawResult } from "./evaluator.ts";
import { openInstance, type WasmInstance } from "./wasm-instance.ts";

/** A compiled policy with its data, ready to be instantiated. */
export interface WasmProgram {
  readonly module: WebAssembly.Module;
  /** `data.json`, strict JSON. */
  readonly data: Uint8Array;
  readonly entrypoint: string;
}

/**
 * Tier W: evaluates `policy.wasm` through opa-wasm.
 *
 * @param program - checked by {@link openBundle}.
 * @param instance - one that is open already, taken over.
 */
export function createWasmEvaluator(program: WasmProgram, instance?: WasmInstance): Evaluator {
  let current = instance;
  return {
    evaluate(input, canonicalText) {
      const bytes = encodeInput(input, canonicalText);
      if (typeof bytes === "string") return failure("evaluation.input", bytes);
      // Taken out while it runs: whatever is thrown through its frames leaves its stack in disorder, and it is never used again.
      const running = current;
      current = undefined;
      try {
        const opened = running ?? openInstance(program.module, program.data);
        const result = readResultSet(opened.evaluate(bytes, program.entrypoint));
        if (!opened.isBloated()) current = opened;
        return result;
      } catch (reason) {
        return failure("evaluation.error", messageOf(reason));
      }
    },
  };
}

const encoder = new TextEncoder();

/** The bytes of the input's canonical JSON, or why there are none. */
function encodeInput(input: Input, canonicalText: string | undefined): Uint8Array | string {
  try {
    const bytes = encoder.encode(canonicalText ?? canonicalJson(asJson(input)));
    return bytes.length > INPUT_BYTES_MAX ? `the input is larger than ${INPUT_BYTES_MAX} bytes` : bytes;
  } catch (reason) {
    return messageOf(reason);
  }
}

/** An input's optional fields are what keeps it from being a {@link JsonValue}; canonical JSON leaves absent ones out. */
function asJson(input: Input): JsonValue {
  const value: unknown = input;
  return value as JsonValue; // oxlint-disable-line typescript/consistent-type-assertions -- canonicalJson checks every value
}

function readResultSet(results: unknown): RawResult {
  if (!Array.isArray(results) || results.length > 1) return failure("evaluation.error", "not a set of one result");
  const [first]: readonly unknown[] = results;
  if (first === undefined) return failure("evaluation.undefined", "the entrypoint is undefined");
  if (typeof first !== "object" || first === null || !("result" in first))
    return failure("evaluation.error", "a result set without a result");
  return { ok: true, result: first.result };
}

function failure(code: EvaluationFailure, reason: string): RawResult {
  return { ok: false, code, reason };
}
