import * as opaWasm from "@open-policy-agent/opa-wasm";
import type { LoadedPolicy } from "@open-policy-agent/opa-wasm";
import { HOST_BUILTINS } from "./host-builtins.ts";
import { BuiltinFailure, type BuiltinContext } from "./plan/run/builtin.ts";
import type { Value } from "./plan/values/value.ts";
import { formatRegoValue, parseRegoValue } from "./rego-value.ts";
import { instantiate, POLICY_MEMORY_GROWTH_BYTES_MAX, textAt } from "./wasm-memory.ts";

/** One instance of a policy with its data loaded. After anything it throws it must not be used again. */
export interface WasmInstance {
  readonly abi: { readonly major: number; readonly minor: number };
  /** Built-ins that the policy asks its host for. */
  readonly builtins: readonly string[];
  readonly entrypoints: readonly string[];
  /**
   * Evaluates an entrypoint.
   *
   * @param input - JSON text as bytes; malformed text throws, it never means "no input".
   * @returns OPA's result set: `[]` when undefined, else `[{result: …}]`.
   */
  evaluate(input: Uint8Array, entrypoint: string): unknown;
  /** Whether its memory grew so much that a fresh instance should follow. */
  isBloated(): boolean;
}

/**
 * Opens an instance of a compiled policy.
 *
 * @param data - `data.json`, strict JSON.
 * @throws what WebAssembly or the policy throws.
 */
export function openInstance(module: WebAssembly.Module, data: Uint8Array): WasmInstance {
  const host = createHost();
  const { instance, memory } = instantiate(module, host.importsFor);
  const exports = guardExports(instance.exports, memory);
  host.exports = exports;
  const builtins = namesIn(exports, memory, "builtins");
  for (const [name, id] of builtins) host.names.set(id, name);
  // Version 1 is opa-wasm's way of step by step calls. Its one-shot call takes malformed input for none, and Rego's own literals for JSON.
  const policy = new Policy({ module, instance: { exports } }, memory, 1);
  policy.setData(toArrayBuffer(data));
  const loadedBytes = memory.buffer.byteLength;
  return {
    abi: {
      major: globalIn(instance.exports, "opa_wasm_abi_version"),
      minor: globalIn(instance.exports, "opa_wasm_abi_minor_version"),
    },
    builtins: builtins.map(([name]) => name),
    entrypoints: namesIn(exports, memory, "entrypoints").map(([name]) => name),
    // Only an ArrayBuffer is taken for text, and no ArrayBuffer is falsy.
    evaluate: (input, entrypoint): unknown => policy.evaluate(toArrayBuffer(input), entrypoint),
    isBloated: () => memory.buffer.byteLength - loadedBytes > POLICY_MEMORY_GROWTH_BYTES_MAX,
  };
}

/** What the policy calls while it runs. Takes the place of opa-wasm's own dispatch, whose built-ins can't be overridden. */
interface Host {
  readonly names: Map<number, string>;
  exports: WebAssembly.Exports;
  readonly importsFor: (memory: WebAssembly.Memory) => WebAssembly.ModuleImports;
}

const ABORT_BYTES_MAX = 1024;

/** Most that is read out of a policy's memory at once, in bytes of JSON. What a result may be is less and is judged later. */
const TEXT_BYTES_MAX = 8 * 1024 * 1024;

function createHost(): Host {
  const names = new Map<number, string>();
  const host: Host = {
    names,
    exports: {},
    importsFor(memory) {
      const call = (id: number, _context: number, ...operands: readonly number[]): number =>
        callBuiltin({ name: names.get(id) ?? String(id), exports: host.exports, memory }, operands);
      return {
        opa_abort(address: number) {
          throw new Error(textAt(memory, address, ABORT_BYTES_MAX) ?? "aborted");
        },
        opa_println() {},
        opa_builtin0: call,
        opa_builtin1: call,
        opa_builtin2: call,
        opa_builtin3: call,
        opa_builtin4: call,
      };
    },
  };
  return host;
}

interface BuiltinCall {
  readonly name: string;
  readonly exports: WebAssembly.Exports;
  readonly memory: WebAssembly.Memory;
}

/** Work that one call of a built-in may do. */
const BUILTIN_STEPS_MAX = 1_000_000;

function createContext(name: string): BuiltinContext {
  let steps = 0;
  return {
    nowNs: undefined,
    charge(count) {
      steps += count;
      if (steps > BUILTIN_STEPS_MAX) throw new Error(`${name} takes more than ${BUILTIN_STEPS_MAX} steps`);
    },
  };
}

const UNDEFINED = 0;

/** The address of a built-in's result, or of nothing: its errors are undefined to the policy, as OPA has it unless asked to be strict. */
function callBuiltin({ name, exports, memory }: BuiltinCall, addresses: readonly number[]): number {
  const builtin = HOST_BUILTINS.get(name);
  if (builtin === undefined) throw new Error(`built-in is not supplied: ${name}`);
  let result: Value | undefined;
  try {
    const operands = addresses.map((address) => {
      const text = textAt(memory, callExport(exports, "opa_value_dump", address), TEXT_BYTES_MAX);
      if (text === undefined) throw new Error(`an operand of ${name} is larger than ${TEXT_BYTES_MAX} bytes`);
      return parseRegoValue(text);
    });
    result = builtin(createContext(name), ...operands);
  } catch (reason) {
    if (reason instanceof BuiltinFailure) return UNDEFINED;
    throw reason;
  }
  return result === undefined ? UNDEFINED : writeValue(exports, memory, formatRegoValue(result));
}

function writeValue(exports: WebAssembly.Exports, memory: WebAssembly.Memory, text: string): number {
  const bytes = Buffer.from(text, "utf8");
  const address = callExport(exports, "opa_malloc", bytes.length);
  new Uint8Array(memory.buffer).set(bytes, address);
  const value = callExport(exports, "opa_value_parse", address, bytes.length);
  if (value === UNDEFINED) throw new Error("a built-in's result can't be read back");
  return value;
}

/** The policy's exports, with what opa-wasm doesn't look at: the return code of `eval` and the size of a result. */
function guardExports(exports: WebAssembly.Exports, memory: WebAssembly.Memory): WebAssembly.Exports {
  return {
    ...exports,
    eval(context: number): number {
      const code = callExport(exports, "eval", context);
      if (code !== 0) throw new Error(`evaluation failed with code ${code}`);
      return code;
    },
    opa_json_dump(value: number): number {
      const address = callExport(exports, "opa_json_dump", value);
      const text = new Uint8Array(memory.buffer, address);
      if (text.subarray(0, TEXT_BYTES_MAX + 1).indexOf(0) === -1)
        throw new Error(`the result is larger than ${TEXT_BYTES_MAX} bytes`);
      return address;
    },
  };
}

/** Names and ids in one of the policy's tables. */
function namesIn(
  exports: WebAssembly.Exports,
  memory: WebAssembly.Memory,
  table: "builtins" | "entrypoints",
): readonly (readonly [string, number])[] {
  const text = textAt(memory, callExport(exports, "opa_json_dump", callExport(exports, table)), TEXT_BYTES_MAX);
  const names: unknown = JSON.parse(text ?? "");
  if (typeof names !== "object" || names === null) throw new Error(`the table of ${table} is not an object`);
  return Object.entries(names).map(([name, id]: [string, unknown]) => {
    if (typeof id !== "number") throw new Error(`the table of ${table} has an id that is no number`);
    return [name, id];
  });
}

function globalIn(exports: WebAssembly.Exports, name: string): number {
  const global = exports[name];
  const value: unknown = typeof global === "object" && global !== null && "value" in global ? global.value : undefined;
  return typeof value === "number" ? value : 0;
}

function callExport(exports: WebAssembly.Exports, name: string, ...operands: readonly number[]): number {
  const called = exports[name];
  if (typeof called !== "function") throw new Error(`the policy doesn't export ${name}`);
  const result: unknown = called(...operands);
  if (typeof result !== "number") throw new Error(`${name} gave no number`);
  return result;
}

function toArrayBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  if (buffer instanceof ArrayBuffer && byteOffset === 0 && byteLength === buffer.byteLength) return buffer;
  return new Uint8Array(bytes).buffer;
}

// As an ES module opa-wasm exports the class only inside its default export, which its types leave out.
const Policy = policyClass(opaWasm);

function policyClass(namespace: object): typeof LoadedPolicy {
  const library: unknown = "default" in namespace ? namespace.default : undefined;
  if (typeof library === "object" && library !== null && "LoadedPolicy" in library) {
    const { LoadedPolicy: found } = library;
    if (isPolicyClass(found)) return found;
  }
  throw new TypeError("@open-policy-agent/opa-wasm has no LoadedPolicy");
}

function isPolicyClass(value: unknown): value is typeof LoadedPolicy {
  return typeof value === "function" && value.name === "LoadedPolicy";
}
