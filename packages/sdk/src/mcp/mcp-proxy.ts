import type { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { decodeJson } from "@cortexos/protocol";
import type { GuardHandle } from "../open-guard.ts";
import { invalidRequest, isRecord } from "./json-rpc.ts";
import { splitLines } from "./split-lines.ts";
import { createMcpToolGate } from "./tool-gate.ts";

/** Longest line of a host or a server, in bytes; a longer one ends the proxy. */
export const MCP_LINE_BYTES_MAX = 8_388_608;

/** What a proxy runs. */
export interface McpProxyOptions {
  readonly guard: GuardHandle;
  /** The server's command and its arguments; run without a shell. */
  readonly command: string;
  readonly args: readonly string[];
  /** What the host writes and reads. */
  readonly input: Readable;
  readonly output: Writable;
  /** Where the server's standard error goes. */
  readonly error: Writable;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Ends the server. */
  readonly signal?: AbortSignal;
}

/**
 * Runs a stdio MCP server behind the gate, for a host that knows nothing of it: each line of the host is one message, calls of tools are decided, and what
 * goes on is our own serialisation of what was decided. Lines that aren't strict JSON are answered with an error and go nowhere.
 *
 * @returns the server's exit code, once both sides have ended; 1 when it was ended by a signal or couldn't be started.
 */
export async function runMcpProxy(options: McpProxyOptions): Promise<number> {
  const { args, command, environment, error, guard, input, output, signal } = options;
  const server = spawn(command, [...args], {
    stdio: ["pipe", "pipe", "pipe"],
    ...(environment !== undefined && { env: { ...environment } }),
    ...(signal !== undefined && { signal }),
  });
  const write = (to: Writable, message: unknown): void => {
    to.write(`${JSON.stringify(message)}\n`);
  };
  const gate = createMcpToolGate(guard, {
    forward: (message) => {
      write(server.stdin, message);
    },
    answer: (message) => {
      write(output, message);
    },
  });
  const takeLine = (line: Buffer): void => {
    if (line.toString("latin1").trim() === "") return;
    const decoded = decodeJson(line);
    if (decoded.ok) gate.take(decoded.value);
    else write(output, invalidRequest(idOf(line)));
  };
  // A server that is gone is told by its end.
  server.stdin.on("error", () => undefined);
  server.stderr.pipe(error, { end: false });
  const fromServer = (async () => {
    for await (const line of splitLines(server.stdout, MCP_LINE_BYTES_MAX)) output.write(`${line.toString("utf8")}\n`);
  })();
  const fromHost = (async () => {
    for await (const line of splitLines(input, MCP_LINE_BYTES_MAX)) takeLine(line);
    gate.close();
    server.stdin.end();
  })();
  // Either side that fails ends the server; its end ends the other.
  for (const side of [fromServer, fromHost]) side.catch(() => server.kill());
  const code = await new Promise<number>((resolve) => {
    server.once("error", (reason) => {
      error.write(`${reason.message}\n`);
      resolve(1);
    });
    server.once("close", (exitCode) => {
      resolve(exitCode ?? 1);
    });
  });
  gate.close();
  input.destroy();
  await fromServer.catch(() => undefined);
  return code;
}

/** Whose answer an error is, where that can be told of a line that isn't strict. */
function idOf(line: Buffer): unknown {
  try {
    const message: unknown = JSON.parse(line.toString("utf8"));
    return isRecord(message) ? message["id"] : undefined;
  } catch {
    return undefined;
  }
}
