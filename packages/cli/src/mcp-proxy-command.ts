import type { Readable, Writable } from "node:stream";
import { resolve } from "node:path";
import { readTrustedKey } from "@cortexos/compiler";
import type { Guard, GuardEvent, GuardOptions } from "@cortexos/sdk";
import type * as McpModule from "@cortexos/sdk/mcp";
import { CliError } from "./cli-error.ts";
import { readCommandFile } from "./command-files.ts";
import { requireText, type CommandLine } from "./command-line.ts";
import { EXIT_CODES, type CliIo, type Subcommand } from "./subcommand.ts";
import { runVerb, type Verb } from "./verb.ts";

/** How a host talks to the proxy, and how long. */
export interface ProxySurroundings {
  /** Nothing but messages of the protocol goes through these two. */
  readonly input: Readable;
  readonly output: Writable;
  readonly error: Writable;
  /** Resolves when a proxy that listens is to end. */
  readonly stopped: () => Promise<void>;
}

const USAGE =
  "mcp-proxy --bundle <bundle.tar.gz> [--key <public.pem> [--key-id <id>]] --principal <id> --tenant <tenant> " +
  "--environment <name> [--roles <role>,…] [--records <file>] " +
  "( -- <server command> [<argument>…] | --url <endpoint> [--listen <host>:<port>] )";

/** `cortexos mcp-proxy`: an MCP server behind the gate, for a host that knows nothing of it. */
export function createMcpProxyCommand(surroundings: () => ProxySurroundings): Subcommand {
  const verb: Verb = {
    name: "mcp-proxy",
    usage: USAGE,
    summary: "put an MCP server behind the gate, by stdio or HTTP: every call of a tool is decided",
    shape: {
      texts: ["bundle", "key", "key-id", "principal", "tenant", "environment", "roles", "records", "url", "listen"],
      flags: [],
    },
    run: async (line, io) => {
      const serve = line.text("url") === undefined ? serveCommand(line) : serveUrl(line);
      const options = guardOptions(line, io);
      // Loaded by this command alone: the others start faster without it.
      const [{ openGuard }, mcp] = await Promise.all([import("@cortexos/sdk"), import("@cortexos/sdk/mcp")]);
      const guard = openGuard(options);
      try {
        return await serve(mcp, { guard, io, ...surroundings() });
      } finally {
        await guard.close();
      }
    },
  };
  return { name: verb.name, summary: verb.summary, run: (args, io) => runVerb(verb, { args, command: verb.name }, io) };
}

type Mcp = typeof McpModule;
type Serving = ProxySurroundings & { readonly guard: Guard; readonly io: CliIo };
type Serve = (mcp: Mcp, serving: Serving) => Promise<number>;

/** @throws CliError `cli.usage`. */
function serveCommand(line: CommandLine): Serve {
  const [command, ...args] = line.positionals;
  if (command === undefined) throw new CliError("cli.usage", "the server's command is missing: put it after `--`");
  return async ({ runMcpProxy }, { guard, io, input, output, error }) => {
    const code = await runMcpProxy({ guard, command, args, environment: io.environment, input, output, error });
    return code === 0 ? EXIT_CODES.ok : EXIT_CODES.failed;
  };
}

/** @throws CliError `cli.usage`. */
function serveUrl(line: CommandLine): Serve {
  const target = requireText(line, "url", "endpoint");
  if (line.positionals.length > 0) throw new CliError("cli.usage", "--url or a command, not both");
  if (!URL.canParse(target)) throw new CliError("cli.usage", "--url <endpoint> is no URL");
  const listen = /^(?<host>.+):(?<port>\d{1,5})$/.exec(line.text("listen") ?? "127.0.0.1:0")?.groups;
  if (listen === undefined) throw new CliError("cli.usage", "--listen wants <host>:<port>");
  const { host = "", port = "" } = listen;
  return async ({ startMcpHttpProxy }, { guard, io, stopped }) => {
    const proxy = await startMcpHttpProxy({ guard, target, host, port: Number(port) });
    io.error(`listening on ${proxy.url}\n`);
    await stopped();
    await proxy.close();
    return EXIT_CODES.ok;
  };
}

/** @throws CliError, CompilerError `compiler.key`. */
function guardOptions(line: CommandLine, io: CliIo): GuardOptions {
  const records = line.text("records");
  return {
    bundle: resolve(io.cwd, requireText(line, "bundle", "bundle.tar.gz")),
    trust: readTrust(line, io),
    principal: {
      id: requireText(line, "principal", "id"),
      tenant: requireText(line, "tenant", "tenant"),
      roles: (line.text("roles") ?? "").split(",").filter((role) => role !== ""),
    },
    environment: requireText(line, "environment", "name"),
    ...(records !== undefined && { records: { kind: "file", path: resolve(io.cwd, records) } }),
    onEvent: (event) => {
      const text = eventText(event);
      if (text !== undefined) io.error(`cortexos mcp-proxy: ${text}\n`);
    },
  };
}

function readTrust(line: CommandLine, io: CliIo): GuardOptions["trust"] {
  const keyFile = line.text("key");
  if (keyFile === undefined) return { unsigned: "accept" };
  const pem = Buffer.from(readCommandFile(io.cwd, keyFile, "the public key")).toString("utf8");
  return { trustedKeys: [readTrustedKey(pem, line.text("key-id"))] };
}

function eventText(event: GuardEvent): string | undefined {
  switch (event.kind) {
    case "bundle_activated":
      return undefined;
    case "bundle_refused":
      return `the bundle was refused: ${event.reason} (${event.code})`;
    case "fault":
      return `a failure under the gate (${event.source}): denied`;
  }
}
