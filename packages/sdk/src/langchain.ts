import type { GuardHandle } from "./open-guard.ts";
import { SdkError } from "./sdk-error.ts";
import { permitToolCall } from "./tools/tool-call.ts";

/** A LangChain.js tool, as far as it is guarded. */
interface LangChainTool {
  readonly name: string;
}

/**
 * Guards a tool of `@langchain/core` in place: whichever way it is called, the arguments that passed its schema are decided first. A refusal is thrown, so
 * that an agent's tool node gives it to the model. A tool that takes a text is decided on `{ input: <text> }`.
 *
 * @returns the same tool.
 * @throws SdkError `client.unknown` for something that isn't a tool, `client.guarded`.
 */
export function guardTool<Tool extends LangChainTool>(tool: Tool, guard: GuardHandle): Tool {
  const run: unknown = Reflect.get(tool, "_call");
  if (typeof run !== "function") throw new SdkError("client.unknown", "not a LangChain tool: it has no _call");
  if (Object.hasOwn(tool, "_call")) throw new SdkError("client.guarded", `the tool ${tool.name} is guarded already`);
  const guarded = async (input: unknown, manager: unknown, config: unknown): Promise<unknown> => {
    const isText = typeof input === "string";
    const call = { name: tool.name, args: isText ? { input } : input, signal: signalOf(config) };
    const { args } = await permitToolCall(guard, call);
    const decided: unknown = isText ? args["input"] : args;
    return Reflect.apply(run, tool, [decided, manager, config]);
  };
  Object.defineProperty(tool, "_call", { value: guarded, writable: false, configurable: false });
  return tool;
}

function signalOf(config: unknown): AbortSignal | undefined {
  const signal: unknown = typeof config === "object" && config !== null ? Reflect.get(config, "signal") : undefined;
  return signal instanceof AbortSignal ? signal : undefined;
}
