import type { Readable, Writable } from "node:stream";
import { resolve } from "node:path";
import { readTrustedKey } from "@cortexos/compiler";
import type { GuardEvent, GuardOptions } from "@cortexos/sdk";
import { CliError } from "./cli-error.ts";
import { readCommandFile } from "./command-files.ts";
import { requireText, type CommandLine } from "./command-line.ts";
import { EXIT_CODES, type CliIo, type Subcommand } from "./subcommand.ts";
import { runVerb, type Verb } from "./verb.ts";

/** How a host talks to the proxy; nothing else may be written there. */
export interface ProxyStreams {
  readonly input: Readable;
  readonly output: Writable;
  readonly error: Writable;
}

const USAGE =
  "mcp-proxy --bundle <bundle.tar.gz> [--key <public.pem> [--key-id <id>]] --principal <id> --tenant <tenant> " +
  "--environment <name> [--roles <role>,…] [--records <file>] -- <server command> [<argument>…]";

/** `cortexos mcp-proxy`: a stdio MCP server behind the gate, for a host that knows nothing of it. */
export function createMcpProxyCommand(streams: () => ProxyStreams): Subcommand {
  const verb: Verb = {
    name: "mcp-proxy",
    usage: USAGE,
    summary: "run a stdio MCP server behind the gate: every call of a tool is decided",
    shape: {
      texts: ["bundle", "key", "key-id", "principal", "tenant", "environment", "roles", "records"],
      flags: [],
    },
    run: async (line, io) => {
      const [command, ...args] = line.positionals;
      if (command === undefined) throw new CliError("cli.usage", "the server's command is missing: put it after `--`");
      const options = guardOptions(line, io);
      // Loaded by this command alone: the others start faster without it.
      const [{ openGuard }, { runMcpProxy }] = await Promise.all([
        import("@cortexos/sdk"),
        import("@cortexos/sdk/mcp"),
      ]);
      const guard = openGuard(options);
      try {
        const code = await runMcpProxy({ guard, command, args, environment: io.environment, ...streams() });
        return code === 0 ? EXIT_CODES.ok : EXIT_CODES.failed;
      } finally {
        await guard.close();
      }
    },
  };
  return { name: verb.name, summary: verb.summary, run: (args, io) => runVerb(verb, { args, command: verb.name }, io) };
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
