import { createTempDir, startProcess, type TempDir } from "@cortexos/devkit";
import { buildBundle, generateSigningKeys, openNativeOpa, readPackTree, readSigningKey } from "@cortexos/compiler";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCortexos } from "../src/run-cortexos.ts";

/** Runs what was built: a host starts a process. */
const BIN = resolve(import.meta.dirname, "..", "bin", "cortexos.mjs");
const RULE = `# METADATA
# title: Workspace
# description: Allows calls, but none that leads out of the workspace.
package cortexos.rules.test.workspace

allow contains {"reason": "a tool may be called"} if input.action.tool

deny contains {"id": "test.outside", "reason": "outside of the workspace"} if contains(input.action.args.path, "..")
`;

describe("cortexos mcp-proxy", () => {
  let folder: TempDir;
  const at = (name: string): string => join(folder.path, name);
  beforeAll(async () => {
    folder = createTempDir("mcp-proxy");
    const keys = generateSigningKeys();
    mkdirSync(at("policies/test/workspace"), { recursive: true });
    writeFileSync(at("policies/bundle.json"), JSON.stringify({ revision: 1, require_allow: true }));
    writeFileSync(at("policies/test/pack.json"), JSON.stringify({ name: "test", version: "0.1.0", title: "Test" }));
    writeFileSync(at("policies/test/workspace/workspace.rego"), RULE);
    const opa = await openNativeOpa({ env: process.env, from: [import.meta.dirname] });
    const key = readSigningKey(keys.privateKeyPem, keys.keyId);
    writeFileSync(at("bundle.tar.gz"), (await buildBundle(readPackTree(at("policies")), { opa, key })).bytes);
    writeFileSync(at("key.pem"), keys.publicKeyPem);
    writeFileSync(at("note.txt"), "hello");
  });
  afterAll(() => {
    folder.remove();
  });

  it("puts a real server behind the gate for a host that knows nothing of it", async () => {
    const manifest = createRequire(import.meta.url).resolve("@modelcontextprotocol/server-filesystem/package.json");
    const { bin } = JSON.parse(readFileSync(manifest, "utf8")) as { bin: Record<string, string> };
    const server = join(dirname(manifest), Object.values(bin)[0] ?? "");
    const options = ["--bundle", at("bundle.tar.gz"), "--key", at("key.pem"), "--records", at("records.jsonl")];
    const who = ["--principal", "agent-7", "--tenant", "acme", "--environment", "dev"];
    const args = [BIN, "mcp-proxy", ...options, ...who, "--", process.execPath, server, folder.path];
    const client = new Client({ name: "host", version: "1" });
    await client.connect(new StdioClientTransport({ command: process.execPath, args, stderr: "ignore" }));
    const read = async (path: string): Promise<string> =>
      JSON.stringify(await client.callTool({ name: "read_text_file", arguments: { path } }));
    expect(await read(at("note.txt"))).toContain("hello");
    expect(await read(`${folder.path}/../x`)).toContain("outside of the workspace (rules: test.outside;");
    await client.close();
    const outcomes = readFileSync(at("records.jsonl"), "utf8").matchAll(/"outcome":"(\w+)"/g);
    expect([...outcomes].map(([, outcome]) => outcome)).toEqual(["ALLOW", "DENY"]);
  });

  it("listens in front of an HTTP server until it is stopped", async () => {
    const upstream = createServer((request, answer) => {
      request.resume().once("end", () => answer.writeHead(200, { "content-type": "application/json" }).end('{"ok":1}'));
    });
    await new Promise<void>((listening) => {
      upstream.listen(0, "127.0.0.1", listening);
    });
    const { port } = upstream.address() as AddressInfo;
    const where = ["--bundle", at("bundle.tar.gz"), "--key", at("key.pem"), "--url", `http://127.0.0.1:${port}/mcp`];
    const who = ["--principal", "agent-7", "--tenant", "acme", "--environment", "dev"];
    const proxy = await startProcess(process.execPath, [BIN, "mcp-proxy", ...where, ...who], { ready: /listening on/ });
    const url = /listening on (?<url>\S+)/.exec(proxy.log())?.groups?.["url"] ?? "";
    const call = async (path: string): Promise<string> => {
      const params = { name: "read", arguments: { path } };
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
      return (await fetch(url, { method: "POST", body })).text();
    };
    expect(await call("a")).toBe('{"ok":1}');
    expect(await call("../a")).toContain("outside of the workspace");
    proxy.signal("SIGTERM");
    expect(await proxy.ended).toEqual({ code: 0, signal: null });
    upstream.close();
  });

  it.each([
    [["--bundle", "b", "--principal", "p", "--tenant", "t", "--environment", "e"], "the server's command is missing"],
    [["--", "server"], "--bundle <bundle.tar.gz> is missing"],
    [["--url", "here"], "--url <endpoint> is no URL"],
    [["--url", "http://127.0.0.1/mcp", "--", "server"], "not both"],
    [["--url", "http://127.0.0.1/mcp", "--listen", "here"], "--listen wants"],
  ])("says what is missing of %j", async (args, text) => {
    let told = "";
    const write = (more: string): void => void (told += more);
    const io = { out: write, error: write, cwd: folder.path, environment: {}, nowNs: () => 1n };
    expect(await runCortexos(["mcp-proxy", ...args], io)).toBe(2);
    expect(told).toContain(text);
  });
});
