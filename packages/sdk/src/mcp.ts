export { guardTransport, type McpTransport } from "./mcp/guard-transport.ts";
export { startMcpHttpProxy, type McpHttpProxy, type McpHttpProxyOptions } from "./mcp/mcp-http-proxy.ts";
export { MCP_LINE_BYTES_MAX, runMcpProxy, type McpProxyOptions } from "./mcp/mcp-proxy.ts";
