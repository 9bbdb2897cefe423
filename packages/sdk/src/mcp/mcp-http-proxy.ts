import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { decodeJson, type JsonValue } from "@cortexos/protocol";
import type { GuardHandle } from "../open-guard.ts";
import { reasonText } from "../sdk-error.ts";
import { permitToolCall } from "../tools/tool-call.ts";
import { asksForTool, cancelledId, invalidRequest, isRecord, readToolRequest, refusedResult } from "./json-rpc.ts";
import { MCP_LINE_BYTES_MAX } from "./mcp-proxy.ts";

/** What an HTTP proxy stands before. */
export interface McpHttpProxyOptions {
  readonly guard: GuardHandle;
  /** The server's endpoint; every path of the proxy leads there. */
  readonly target: string | URL;
  /** `127.0.0.1` unless given. */
  readonly host?: string;
  /** 0, the default, lets the system choose. */
  readonly port?: number;
}

/** A proxy that listens. */
export interface McpHttpProxy {
  /** What a host is told in place of the server's endpoint. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Puts a Streamable HTTP MCP server behind the gate, for hosts that know nothing of it. Each POST is one message, read strictly and written anew; calls of
 * tools are decided, a refusal is the tool's result with `isError`. A held call waits as long as its host does.
 *
 * @throws Error when the address can't be bound; TypeError for a target that is no URL.
 */
export async function startMcpHttpProxy(options: McpHttpProxyOptions): Promise<McpHttpProxy> {
  const { guard, host = "127.0.0.1", port = 0 } = options;
  const target = new URL(options.target);
  const held = new Map<string, AbortController>();
  const server = createServer((request, response) => {
    const exchange = { guard, target, held, request, response };
    answer(exchange).catch((reason: unknown) => {
      if (response.headersSent) response.destroy();
      else reply(response, 502, { error: reasonText(reason) });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${portOf(server.address())}${target.pathname}`,
    close: async () => {
      for (const over of held.values()) over.abort(new Error("the proxy is closed"));
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Exchange {
  readonly guard: GuardHandle;
  readonly target: URL;
  /** Calls that wait, by session and id. */
  readonly held: Map<string, AbortController>;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function answer(exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  if (request.method !== "POST") return forward(exchange, undefined);
  const body = await readBody(request);
  const decoded = body === undefined ? undefined : decodeJson(body);
  if (decoded?.ok !== true || Array.isArray(decoded.value)) return reply(response, 400, invalidRequest(undefined));
  const message = decoded.value;
  if (asksForTool(message)) return answerCall(exchange, message);
  const cancelled = cancelledId(message);
  const over = cancelled === undefined ? undefined : exchange.held.get(keyOf(request, cancelled));
  if (over === undefined) return forward(exchange, message);
  over.abort(new Error("the call was cancelled"));
  response.writeHead(202).end();
}

async function answerCall(exchange: Exchange, message: JsonValue): Promise<void> {
  const { guard, held, request, response } = exchange;
  const call = readToolRequest(message);
  const key = call === undefined ? "" : keyOf(request, call.id);
  if (call === undefined || held.has(key) || !isNamedAlike(request, call.name)) {
    return reply(response, 400, invalidRequest(isRecord(message) ? message["id"] : undefined));
  }
  const over = new AbortController();
  held.set(key, over);
  response.once("close", () => {
    over.abort(new Error("the host is gone"));
  });
  try {
    const permitted = await permitToolCall(guard, {
      name: call.name,
      args: call.params["arguments"],
      signal: over.signal,
    });
    const params = { ...call.params, arguments: permitted.args };
    await forward(exchange, { jsonrpc: "2.0", id: call.id, method: "tools/call", params });
  } catch (reason) {
    if (response.headersSent) throw reason;
    reply(response, 200, refusedResult(call.id, reasonText(reason)));
  } finally {
    held.delete(key);
  }
}

/** Newer hosts repeat a call's name in headers: a server that believes them must not be told another one. */
function isNamedAlike({ headers }: IncomingMessage, name: string): boolean {
  const { "mcp-method": method, "mcp-name": named } = headers;
  return (method === undefined || method === "tools/call") && (named === undefined || named === name);
}

function keyOf({ headers }: IncomingMessage, id: string | number): string {
  return JSON.stringify([headers["mcp-session-id"] ?? "", id]);
}

/** Of one connection, or said anew for the next one. */
const NOT_FORWARDED = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

async function forward({ target, request, response }: Exchange, message: unknown): Promise<void> {
  const over = new AbortController();
  response.once("close", () => {
    over.abort();
  });
  const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
    NOT_FORWARDED.has(name) || value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
  );
  const answered = await fetch(target, {
    method: request.method ?? "GET",
    headers,
    redirect: "manual",
    signal: over.signal,
    ...(message !== undefined && { body: JSON.stringify(message) }),
  });
  response.writeHead(answered.status, [...answered.headers].filter(([name]) => !NOT_FORWARDED.has(name)).flat());
  if (answered.body === null) response.end();
  else for await (const chunk of answered.body) response.write(chunk);
  response.end();
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of Readable.from(request)) {
    const bytes = Buffer.from(chunk instanceof Uint8Array ? chunk : []);
    size += bytes.length;
    if (size > MCP_LINE_BYTES_MAX) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}
