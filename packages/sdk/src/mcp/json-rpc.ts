/** Whether a message asks for a tool, in whatever state its parameters are. */
export function asksForTool(message: unknown): boolean {
  return isRecord(message) && message["method"] === TOOL_CALL;
}

/** A call that can be decided; `undefined` for one without id, parameters or name, which nobody may run. */
export function readToolRequest(
  message: unknown,
):
  | { readonly id: string | number; readonly name: string; readonly params: Readonly<Record<string, unknown>> }
  | undefined {
  if (!isRecord(message)) return undefined;
  const { id, params } = message;
  if ((typeof id !== "string" && typeof id !== "number") || !isRecord(params)) return undefined;
  const { name } = params;
  return typeof name === "string" && name !== "" ? { id, name, params } : undefined;
}

/** Id of the request that a message says is cancelled. */
export function cancelledId(message: unknown): string | number | undefined {
  if (!isRecord(message) || message["method"] !== "notifications/cancelled" || !isRecord(message["params"]))
    return undefined;
  const { requestId } = message["params"];
  return typeof requestId === "string" || typeof requestId === "number" ? requestId : undefined;
}

/** A refusal as a tool's result, which goes to the model; an error of the protocol would not. */
export function refusedResult(id: string | number, text: string): Readonly<Record<string, unknown>> {
  return { jsonrpc: "2.0", id, result: { content: [{ type: "text", text }], isError: true } };
}

/** For a call that is none. */
export function invalidRequest(id: unknown): Readonly<Record<string, unknown>> {
  const known = typeof id === "string" || typeof id === "number" ? id : null;
  return { jsonrpc: "2.0", id: known, error: { code: -32_600, message: "not a call of a tool that can be decided" } };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const TOOL_CALL = "tools/call";
