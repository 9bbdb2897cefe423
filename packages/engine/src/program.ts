import { BUNDLE_PATHS, requireFile, type Bundle } from "./bundle.ts";
import { EngineError, messageOf } from "./errors.ts";
import { HOST_BUILTINS, REFUSED_BUILTINS } from "./host-builtins.ts";
import type { WasmProgram } from "./wasm-evaluator.ts";
import { openInstance, type WasmInstance } from "./wasm-instance.ts";

/** The version of OPA's WebAssembly ABI that is spoken. */
const WASM_ABI = { major: 1, minorMin: 2 } as const;

/**
 * Compiles a bundle's `policy.wasm` and shows by a first instance that it can be evaluated.
 *
 * @throws EngineError `bundle.abi`, `bundle.builtin` or `bundle.entrypoint`.
 */
export function openProgram(bundle: Bundle): { readonly program: WasmProgram; readonly instance: WasmInstance } {
  const { entrypoint, builtins } = bundle.manifest.policy;
  const module = compile(requireFile(bundle.files, BUNDLE_PATHS.wasm));
  const data = bundle.files.get(BUNDLE_PATHS.data) ?? EMPTY_DATA;
  refuseBuiltins(builtins.filter((name) => REFUSED_BUILTINS.has(name)));
  const instance = open(module, data);
  refuseBuiltins(instance.builtins.filter((name) => !HOST_BUILTINS.has(name)));
  const resolved = bundle.manifest.wasmEntrypoints.includes(entrypoint);
  if (!resolved || !instance.entrypoints.includes(entrypoint))
    throw new EngineError("bundle.entrypoint", `policy.wasm has no entrypoint ${entrypoint}`);
  return { program: { module, data, entrypoint }, instance };
}

const EMPTY_DATA = new TextEncoder().encode("{}");

/** What a policy may import: its memory, and the host's answers. */
const IMPORTS = /^env\.(?:memory|opa_abort|opa_println|opa_builtin[0-4])$/;

function compile(bytes: Uint8Array): WebAssembly.Module {
  let module: WebAssembly.Module;
  try {
    module = new WebAssembly.Module(bytes);
  } catch (reason) {
    throw new EngineError("bundle.abi", "policy.wasm is not WebAssembly", { cause: reason });
  }
  for (const wanted of WebAssembly.Module.imports(module)) {
    if (!IMPORTS.test(`${wanted.module}.${wanted.name}`))
      throw new EngineError("bundle.abi", `policy.wasm imports ${wanted.module}.${wanted.name}`);
  }
  return module;
}

function open(module: WebAssembly.Module, data: Uint8Array): WasmInstance {
  let instance: WasmInstance;
  try {
    instance = openInstance(module, data);
  } catch (reason) {
    throw new EngineError("bundle.abi", `policy.wasm can't be instantiated: ${messageOf(reason)}`, { cause: reason });
  }
  const { major, minor } = instance.abi;
  if (major !== WASM_ABI.major || minor < WASM_ABI.minorMin)
    throw new EngineError("bundle.abi", `policy.wasm has ABI ${major}.${minor}`);
  return instance;
}

function refuseBuiltins(names: readonly string[]): void {
  if (names.length === 0) return;
  throw new EngineError("bundle.builtin", `the policy needs what is not supplied: ${[...names].sort().join(", ")}`);
}
