import type { GuardHandle } from "./open-guard.ts";
import { isSdkError, reasonText } from "./sdk-error.ts";
import { permitToolCall, type PermittedCall } from "./tools/tool-call.ts";

/** A tool call as the model writes it, in Chat Completions. */
export interface ChatToolCall {
  readonly id: string;
  readonly function: { readonly name: string; readonly arguments: string };
}

/** A function call as the model writes it, in Responses. */
export interface ResponsesFunctionCall {
  readonly call_id: string;
  readonly name: string;
  readonly arguments: string;
}

/** What answers a {@link ChatToolCall}. */
export interface ChatToolMessage {
  readonly role: "tool";
  readonly tool_call_id: string;
  readonly content: string;
}

/** What answers a {@link ResponsesFunctionCall}. */
export interface FunctionCallOutput {
  readonly type: "function_call_output";
  readonly call_id: string;
  readonly output: string;
}

/** Functions by name; each gets the decided arguments. */
export type ToolFunctions = Readonly<Record<string, (args: never) => unknown>>;

/** Runs what a model calls, as far as the policy allows. */
export interface ToolRunner {
  /** Never rejects for what a tool or the policy does: the model reads it in the answer. Rejects with the signal's reason. */
  runChat(call: ChatToolCall, signal?: AbortSignal): Promise<ChatToolMessage>;
  /** As `runChat`, for the Responses API. */
  runResponses(call: ResponsesFunctionCall, signal?: AbortSignal): Promise<FunctionCallOutput>;
}

/** Makes a runner for calls in OpenAI's form, which many other providers share. */
export function createToolRunner(tools: ToolFunctions, guard: GuardHandle): ToolRunner {
  const run = async (name: string, text: string, signal: AbortSignal | undefined): Promise<string> => {
    const tool = Object.hasOwn(tools, name) ? tools[name] : undefined;
    if (tool === undefined) return errorText(`there is no tool ${name}`);
    try {
      const permitted = await permitText(guard, { name, text, signal });
      return resultText(await Reflect.apply(tool, undefined, [permitted.args]));
    } catch (reason) {
      signal?.throwIfAborted();
      return errorText(reasonText(reason));
    }
  };
  return {
    runChat: async (call, signal) => {
      const content = await run(call.function.name, call.function.arguments, signal);
      return { role: "tool", tool_call_id: call.id, content };
    },
    runResponses: async (call, signal) => {
      const output = await run(call.name, call.arguments, signal);
      return { type: "function_call_output", call_id: call.call_id, output };
    },
  };
}

/** A tool of `client.chat.completions.runTools`. */
interface RunnableTool {
  readonly type: "function";
  readonly function: {
    readonly name?: string;
    readonly function: (args: never, runner: never) => unknown;
    readonly parse?: ((text: string) => unknown) | undefined;
  };
}

/**
 * Guards the tools of `client.chat.completions.runTools`: what the model wrote is decided as it is parsed, before the function gets it. A refusal becomes the
 * tool's answer, which the model reads.
 *
 * @returns new tools of the same type.
 */
export function guardRunnableTools<Tool extends RunnableTool>(tools: readonly Tool[], guard: GuardHandle): Tool[] {
  return tools.map((tool) => {
    const { function: run, name = run.name, parse } = tool.function;
    const guarded = async (text: unknown, runner: unknown): Promise<unknown> => {
      try {
        const { args } = await permitText(guard, { name, text: String(text), signal: undefined });
        const parsed: unknown = parse === undefined ? JSON.stringify(args) : await parse(JSON.stringify(args));
        return await Reflect.apply(run, undefined, [parsed, runner]);
      } catch (reason) {
        if (isSdkError(reason)) return errorText(reason.message);
        throw reason;
      }
    };
    // The runner's own parser would come before the decision.
    return { ...tool, function: { ...tool.function, name, function: guarded, parse: undefined } };
  });
}

interface TextCall {
  readonly name: string;
  readonly text: string;
  readonly signal: AbortSignal | undefined;
}

async function permitText(guard: GuardHandle, { name, text, signal }: TextCall): Promise<PermittedCall> {
  return permitToolCall(guard, { name, args: parseText(text), signal });
}

function parseText(text: string): unknown {
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    // Told as arguments that are no object.
    return text;
  }
}

function resultText(result: unknown): string {
  return typeof result === "string" ? result : (JSON.stringify(result) ?? "");
}

function errorText(message: string): string {
  return JSON.stringify({ error: message });
}
