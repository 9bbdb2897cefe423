/** WebAssembly's unit of memory. */
export const PAGE_BYTES = 65_536;

/** Most memory that one instance of a policy may take, its data included. */
export const POLICY_MEMORY_BYTES_MAX: number = 512 * 1024 * 1024;

/** Growth of an instance's memory, over what it had once its data was loaded, after which it is replaced. Memory never shrinks by itself. */
export const POLICY_MEMORY_GROWTH_BYTES_MAX: number = 32 * 1024 * 1024;

const INITIAL_BYTES = 1024 * 1024;

/**
 * Instantiates a policy with a memory of its own. A module says how much it needs to begin with only to the linker, so the memory
 * is doubled until that agrees.
 *
 * @throws what WebAssembly throws when the module can't be linked with any memory within the limit.
 */
export function instantiate(
  module: WebAssembly.Module,
  importsFor: (memory: WebAssembly.Memory) => WebAssembly.ModuleImports,
): { readonly instance: WebAssembly.Instance; readonly memory: WebAssembly.Memory } {
  const maximum = POLICY_MEMORY_BYTES_MAX / PAGE_BYTES;
  for (let initial = INITIAL_BYTES / PAGE_BYTES; ; initial *= 2) {
    const memory = new WebAssembly.Memory({ initial, maximum });
    try {
      const instance = new WebAssembly.Instance(module, { env: { memory, ...importsFor(memory) } });
      return { instance, memory };
    } catch (reason) {
      if (!(reason instanceof WebAssembly.LinkError) || initial * 2 > maximum) throw reason;
    }
  }
}

/** The NUL-terminated UTF-8 text at an address, read up to `bytesMax`; `undefined` when it is longer. */
export function textAt(memory: WebAssembly.Memory, address: number, bytesMax: number): string | undefined {
  const bytes = new Uint8Array(memory.buffer, address);
  const end = bytes.subarray(0, bytesMax + 1).indexOf(0);
  return end === -1 ? undefined : Buffer.from(memory.buffer, address, end).toString("utf8");
}
