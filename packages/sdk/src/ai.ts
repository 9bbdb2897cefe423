import type { GuardHandle } from "./open-guard.ts";
import { permitToolCall } from "./tools/tool-call.ts";

/** A tool of the Vercel AI SDK, as far as it is guarded. */
interface AiTool {
  execute?: ((input: never, options: never) => unknown) | undefined;
}

/**
 * Guards the tools of an `ai` tool set: each `execute` is called only as the policy allows, with the input as decided. A refusal is thrown, so that the
 * SDK gives it to the model as the tool's error. Tools without `execute` stay as they are.
 *
 * @returns a new tool set of the same type.
 */
export function guardTools<Tools extends Readonly<Record<string, AiTool>>>(tools: Tools, guard: GuardHandle): Tools {
  const guarded = { ...tools };
  for (const [name, tool] of Object.entries(tools)) {
    const { execute } = tool;
    if (typeof execute !== "function") continue;
    const replacement: unknown = async (input: unknown, options: unknown) => {
      const { args } = await permitToolCall(guard, { name, args: input, signal: signalOf(options) });
      return lastOf(Reflect.apply(execute, tool, [args, options]));
    };
    Object.defineProperty(guarded, name, {
      value: { ...tool, execute: replacement },
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  return guarded;
}

function signalOf(options: unknown): AbortSignal | undefined {
  const signal: unknown =
    typeof options === "object" && options !== null ? Reflect.get(options, "abortSignal") : undefined;
  return signal instanceof AbortSignal ? signal : undefined;
}

/** A tool may give preliminary results one after the other; the last one is its result. */
async function lastOf(result: unknown): Promise<unknown> {
  const value = await result;
  if (!isAsyncIterable(value)) return value;
  let last: unknown;
  for await (const item of value) last = item;
  return last;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
