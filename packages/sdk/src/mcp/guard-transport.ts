import type { GuardHandle } from "../open-guard.ts";
import { reasonText } from "../sdk-error.ts";
import { createMcpToolGate } from "./tool-gate.ts";

/** A transport of an MCP client, of `@modelcontextprotocol/sdk` or `@modelcontextprotocol/client`. */
export interface McpTransport {
  start(): Promise<void>;
  send(message: never, options?: never): Promise<void>;
  close(): Promise<void>;
}

/**
 * Guards a client's transport in place, before the client is connected to it: whatever way the client calls a tool, the call ends here. A refusal is the
 * tool's result with `isError`, which the model reads.
 *
 * @example await client.connect(guardTransport(new StdioClientTransport({ command }), guard));
 * @returns the same transport.
 */
export function guardTransport<Transport extends McpTransport>(transport: Transport, guard: GuardHandle): Transport {
  const send: unknown = Reflect.get(transport, "send");
  const close = transport.close.bind(transport);
  const tell = (name: "onmessage" | "onerror", value: unknown): void => {
    const listener: unknown = Reflect.get(transport, name);
    if (typeof listener === "function") Reflect.apply(listener, transport, [value]);
  };
  const sendOwn = async (message: unknown, options?: unknown): Promise<void> => {
    if (typeof send === "function") await Reflect.apply(send, transport, [message, options]);
  };
  const forward = (message: unknown): void => {
    sendOwn(message).catch((reason: unknown) => {
      tell("onerror", reason instanceof Error ? reason : new Error(reasonText(reason)));
    });
  };
  const gate = createMcpToolGate(guard, {
    forward,
    answer: (message) => queueMicrotask(() => tell("onmessage", message)),
  });
  const methods = {
    send: async (message: unknown, options?: unknown): Promise<void> => {
      if (isPassed(message)) return sendOwn(message, options);
      gate.take(message);
    },
    close: async () => {
      gate.close();
      await close();
    },
  };
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(transport, name, { value, writable: false, configurable: false });
  }
  return transport;
}

/** Neither a call of a tool nor the end of one: goes on with its options and its errors. */
function isPassed(message: unknown): boolean {
  if (typeof message !== "object" || message === null || Array.isArray(message)) return false;
  const method: unknown = Reflect.get(message, "method");
  return method !== "tools/call" && method !== "notifications/cancelled";
}
