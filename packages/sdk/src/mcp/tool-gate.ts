import type { GuardHandle } from "../open-guard.ts";
import { reasonText } from "../sdk-error.ts";
import { permitToolCall } from "../tools/tool-call.ts";
import { asksForTool, cancelledId, invalidRequest, isRecord, readToolRequest, refusedResult } from "./json-rpc.ts";

/** The two ways of what a client sends: on to the server, or an answer back. */
export interface McpWays {
  readonly forward: (message: unknown) => void;
  readonly answer: (message: unknown) => void;
}

/** Decides the calls of tools among what an MCP client sends. */
export interface McpToolGate {
  /** Passes a message on at once, unless it calls a tool: that goes on once it is allowed, with the arguments as decided. */
  take(message: unknown): void;
  /** Nobody waits any more: what is still held is never sent. */
  close(): void;
}

export function createMcpToolGate(guard: GuardHandle, { forward, answer }: McpWays): McpToolGate {
  const waiting = new Map<string | number, AbortController>();
  const decide = async (message: unknown): Promise<void> => {
    const request = readToolRequest(message);
    if (request === undefined || waiting.has(request.id)) {
      answer(invalidRequest(isRecord(message) ? message["id"] : undefined));
      return;
    }
    const over = new AbortController();
    waiting.set(request.id, over);
    try {
      const { id, name, params } = request;
      const { args } = await permitToolCall(guard, { name, args: params["arguments"], signal: over.signal });
      if (!over.signal.aborted)
        forward({ jsonrpc: "2.0", id, method: "tools/call", params: { ...params, arguments: args } });
    } catch (reason) {
      // Who cancelled waits for no answer.
      if (!over.signal.aborted) answer(refusedResult(request.id, reasonText(reason)));
    } finally {
      waiting.delete(request.id);
    }
  };
  const take = (message: unknown): void => {
    // A batch is its members: each is decided by itself.
    if (Array.isArray(message)) {
      for (const member of message) take(member);
      return;
    }
    if (asksForTool(message)) {
      void decide(message);
      return;
    }
    const cancelled = cancelledId(message);
    const held = cancelled === undefined ? undefined : waiting.get(cancelled);
    // The server knows nothing of a call that was never sent.
    if (held === undefined) forward(message);
    else held.abort(new Error("the call was cancelled"));
  };
  return {
    take,
    close: () => {
      for (const over of waiting.values()) over.abort(new Error("the connection is closed"));
    },
  };
}
