import type { GuardHandle } from "../open-guard.ts";
import { validateArguments, type StandardSchema } from "./standard-schema.ts";
import { permitToolCall } from "./tool-call.ts";

/** How a tool is guarded. */
export interface GuardToolOptions<Args> {
  /** What decides: a guard, or a connection that is guarded. */
  readonly guard: GuardHandle;
  /** What arguments must be, before the decision and after it. The tool gets what the schema makes of them. */
  readonly schema?: StandardSchema<Args>;
}

/** What one call of a tool may bring. */
export interface ToolCallOptions {
  /** Ends the wait for an approval; the tool is not called then. */
  readonly signal?: AbortSignal;
}

/** A tool that is called only as the policy allows. */
export type GuardedTool<Args, Result> = (args: Args, options?: ToolCallOptions) => Promise<Result>;

/**
 * Guards a function that an agent may call, on its arguments: a rule can allow, deny, throttle, hold or rewrite each call.
 *
 * @param name - as rules know it in `input.action.tool`.
 * @param tool - called with a copy of the arguments, as decided.
 * @throws from the guarded tool: SdkError `tool.denied`, `tool.throttled`, `tool.arguments`, `tool.changed`, with a message that a model can read; and what
 * the tool itself throws.
 */
export function guardTool<Args extends object, Result>(
  name: string,
  tool: (args: Args) => Result | PromiseLike<Result>,
  options: GuardToolOptions<Args>,
): GuardedTool<Args, Result> {
  const { guard, schema } = options;
  return async (args, { signal } = {}) => {
    // Nobody is asked about arguments that the tool wouldn't take.
    if (schema !== undefined) await validateArguments(schema, name, args);
    const permitted = await permitToolCall(guard, { name, args, signal });
    if (schema !== undefined) return tool(await validateArguments(schema, name, permitted.args));
    return tool(asArguments<Args>(permitted.args));
  };
}

/** Without a schema the arguments are what the caller's type says, or what a rule made of them. */
function asArguments<Args extends object>(args: object): Args {
  return args as Args; // oxlint-disable-line typescript/consistent-type-assertions -- no schema was given to check them with
}
