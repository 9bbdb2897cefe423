import { createTempDir, eventually, freePort, startProcess, type RunningProcess, type TempDir } from "@cortexos/devkit";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openGuard, type Guard } from "../src/index.ts";
import { guardTransport, runMcpProxy, startMcpHttpProxy, type McpHttpProxy } from "../src/mcp.ts";
import { guardOptions } from "./agents.ts";
import { APPROVER, buildTestBundle } from "./test-bundle.ts";

const BY_MCP_TOOL = `# METADATA
# title: By MCP tool
# description: Allows reading, holds moving, denies what leads out, marks what is written.
package cortexos.rules.test.by_mcp_tool

allow contains {"reason": "a tool may be called"} if input.action.tool

deny contains {"id": "test.outside", "reason": "outside of the workspace"} if contains(input.action.args.path, "..")

require_human contains {"id": "test.hold", "reason": "a person must look", "approvers": "SRE_LEAD", "quorum": 1, "expires_ms": 60000} if input.action.tool == "create_directory"

modify contains {"id": "test.mark", "reason": "marked", "set": {"/args/content": "reviewed"}, "remove": []} if input.action.tool == "write_file"
`;

const require = createRequire(import.meta.url);
const MANIFESTS = {
  "server-everything": require.resolve("@modelcontextprotocol/server-everything/package.json"),
  "server-filesystem": require.resolve("@modelcontextprotocol/server-filesystem/package.json"),
};
const serverOf = (name: keyof typeof MANIFESTS): string => {
  const file = MANIFESTS[name];
  const { bin } = JSON.parse(readFileSync(file, "utf8")) as { bin: Record<string, string> };
  return join(dirname(file), Object.values(bin)[0] ?? "");
};

let guard: Guard;
let folder: TempDir;
beforeAll(async () => {
  guard = openGuard(guardOptions(await buildTestBundle(BY_MCP_TOOL)));
  folder = createTempDir("mcp");
  writeFileSync(join(folder.path, "note.txt"), "hello");
});
afterAll(async () => {
  await guard.close();
  folder.remove();
});
const textOf = (result: unknown): string => JSON.stringify((result as { content: unknown }).content);

describe("guardTransport in front of the filesystem server", () => {
  it("gates tools/call and nothing else, whatever way the client calls", async () => {
    const args = [serverOf("server-filesystem"), folder.path];
    const transport = new StdioClientTransport({ command: process.execPath, args, stderr: "ignore" });
    const client = new Client({ name: "host", version: "1" });
    await client.connect(guardTransport(transport, guard));
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain("read_text_file");
    const call = async (name: string, toolArgs: object): Promise<unknown> =>
      client.callTool({ name, arguments: { ...toolArgs } });
    const path = join(folder.path, "note.txt");
    expect(textOf(await call("read_text_file", { path }))).toContain("hello");
    const refused = await call("read_text_file", { path: join(folder.path, "../etc/passwd").concat("/..") });
    expect(refused).toMatchObject({ isError: true });
    expect(textOf(refused)).toContain("outside of the workspace");
    await call("write_file", { path, content: "whatever" });
    expect(readFileSync(path, "utf8")).toBe("reviewed");
    await client.close();
  });

  it("never makes a held call that was cancelled", async () => {
    const args = [serverOf("server-filesystem"), folder.path];
    const transport = new StdioClientTransport({ command: process.execPath, args, stderr: "ignore" });
    const client = new Client({ name: "host", version: "1" });
    await client.connect(guardTransport(transport, guard));
    const over = new AbortController();
    const [gone, made] = [join(folder.path, "gone"), join(folder.path, "made")];
    const cancelled = client
      .callTool({ name: "create_directory", arguments: { path: gone } }, undefined, { signal: over.signal })
      .catch((error: unknown) => error);
    const waiting = client.callTool({ name: "create_directory", arguments: { path: made } });
    const holds = await eventually(async () => {
      const listed = await guard.approvals.list();
      return listed.length === 2 && listed;
    });
    over.abort();
    expect(await cancelled).toBeInstanceOf(Error);
    for (const hold of holds) await guard.approvals.approve(hold.id, APPROVER);
    await waiting;
    expect([existsSync(gone), existsSync(made)]).toEqual([false, true]);
    await client.close();
  });
});

describe("runMcpProxy in front of the everything server", () => {
  it("serves a host line by line, decides calls, and ends with the server", async () => {
    const input = new PassThrough();
    const output = new PassThrough();
    const lines: Record<string, unknown>[] = [];
    let rest = "";
    output.on("data", (chunk: Buffer) => {
      const parts = (rest + chunk.toString()).split("\n");
      rest = parts.pop() ?? "";
      for (const part of parts) lines.push(JSON.parse(part) as Record<string, unknown>);
    });
    const ended = runMcpProxy({
      guard,
      command: process.execPath,
      args: [serverOf("server-everything"), "stdio"],
      input,
      output,
      error: new PassThrough().resume(),
    });
    const say = (message: object | string): void => {
      input.write(`${typeof message === "string" ? message : JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
    };
    const answerTo = async (id: number): Promise<Record<string, unknown>> =>
      eventually(() => lines.find((line) => line["id"] === id), { timeoutMs: 20_000 });
    const clientInfo = { name: "host", version: "1" };
    say({ id: 1, method: "initialize", params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo } });
    expect(await answerTo(1)).toMatchObject({ result: { serverInfo: {} } });
    say({ method: "notifications/initialized" });
    say({ id: 2, method: "tools/call", params: { name: "echo", arguments: { message: "hi" } } });
    expect(JSON.stringify(await answerTo(2))).toContain("hi");
    say({ id: 3, method: "tools/call", params: { name: "echo", arguments: { message: "hi", path: ".." } } });
    expect(await answerTo(3)).toMatchObject({ result: { isError: true } });
    // Two names in one object: readers differ in which one they take.
    say('{"jsonrpc":"2.0","id":4,"method":"tools/list","method":"tools/call","params":{"name":"echo","arguments":{}}}');
    say({ id: 5, method: "tools/call", params: { arguments: {} } });
    expect(await answerTo(4)).toMatchObject({ error: { code: -32600 } });
    expect(await answerTo(5)).toMatchObject({ error: { code: -32600 } });
    input.end();
    expect(await ended).toBe(0);
  });

  it("says so when the server can't be started", async () => {
    const error = new PassThrough();
    const output = new PassThrough();
    const options = { guard, command: "/nowhere/server", args: [], input: new PassThrough(), output, error };
    expect(await runMcpProxy(options)).toBe(1);
    expect(String(error.read())).toContain("ENOENT");
  });
});

describe("startMcpHttpProxy in front of the everything server", () => {
  let server: RunningProcess;
  let proxy: McpHttpProxy;
  let client: Client;
  beforeAll(async () => {
    const port = await freePort();
    server = await startProcess(process.execPath, [serverOf("server-everything"), "streamableHttp"], {
      ready: /listening/i,
      env: { PORT: String(port) },
    });
    proxy = await startMcpHttpProxy({ guard, target: `http://127.0.0.1:${port}/mcp` });
    client = new Client({ name: "host", version: "1" });
    // The library's own types disagree about what is optional.
    await client.connect(new StreamableHTTPClientTransport(new URL(proxy.url)) as never);
  });
  afterAll(async () => {
    await client.close();
    await proxy.close();
    await server.stop();
  });
  const post = async (body: string, headers: object = {}): Promise<unknown> => {
    const accept = "application/json, text/event-stream";
    const answer = await fetch(proxy.url, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", accept, ...headers },
    });
    return answer.json();
  };

  it("lists and calls as the server does, and refuses what is denied", async () => {
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain("echo");
    expect(textOf(await client.callTool({ name: "echo", arguments: { message: "hi" } }))).toContain("hi");
    const refused = await client.callTool({ name: "echo", arguments: { message: "hi", path: ".." } });
    expect(refused).toMatchObject({ isError: true });
    expect(textOf(refused)).toContain("outside of the workspace");
  });

  it.each([
    ["two methods in one object", '{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"tools/call"}', {}],
    ["a batch", '[{"jsonrpc":"2.0","id":1,"method":"tools/list"}]', {}],
    ["no name", '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}', {}],
    [
      "another name in the header",
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo"}}',
      { "mcp-name": "x" },
    ],
  ])("passes nothing on with %s", async (_, body, headers) => {
    expect(await post(body, headers)).toMatchObject({ error: { code: -32600 } });
  });

  it("lets go of a held call whose host is gone", async () => {
    const over = new AbortController();
    const gone = client
      .callTool({ name: "create_directory", arguments: {} }, undefined, { signal: over.signal })
      .catch((error: unknown) => error);
    const [hold] = await eventually(async () => {
      const listed = await guard.approvals.list();
      return listed.length === 1 && listed;
    });
    over.abort();
    expect(await gone).toBeInstanceOf(Error);
    const approved = await guard.approvals.approve(hold?.id ?? "", APPROVER);
    expect(approved.ok).toBe(true);
    expect(textOf(await client.callTool({ name: "echo", arguments: { message: "still there" } }))).toContain(
      "still there",
    );
  });
});
