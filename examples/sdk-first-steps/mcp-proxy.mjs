import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

const who = ["--principal", "agent-7", "--tenant", "acme", "--environment", "dev"];
const server = ["mcp-server-filesystem", "."];
const args = ["mcp-proxy", "--bundle", "policy.tar.gz", ...who, "--", ...server];
const client = new Client({ name: "any-host", version: "1.0.0" });
await client.connect(new StdioClientTransport({ command: "cortexos", args, stderr: "ignore" }));
const call = { name: "read_text_file", arguments: { path: "../secret.txt" } };
const { content, isError } = await client.callTool(call);
console.log(isError, content[0].text.split(" (")[0]);
await client.close();
