import { messageOf } from "./errors.ts";
import { FAILURES, readResultSet, type Evaluator } from "./evaluator.ts";
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
 * @param program - checked by {@link openProgram}.
 * @param instance - one that is open already, taken over.
 */
export function createWasmEvaluator(program: WasmProgram, instance?: WasmInstance): Evaluator {
  let current = instance;
  return {
    tier: "wasm",
    evaluate(input) {
      // Taken out while it runs: whatever is thrown through its frames leaves its stack in disorder, and it is never used again.
      const running = current;
      current = undefined;
      try {
        const opened = running ?? openInstance(program.module, program.data);
        const result = readResultSet(opened.evaluate(encoder.encode(input.text()), program.entrypoint));
        if (!opened.isBloated()) current = opened;
        return result;
      } catch (reason) {
        return messageOf(reason).endsWith("conflict") ? FAILURES.conflict : FAILURES.broken;
      }
    },
  };
}

const encoder = new TextEncoder();
