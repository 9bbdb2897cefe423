import { once } from "node:events";
import { runApprovals } from "./approvals.ts";
import { auditCommand } from "./audit-command.ts";
import { doctorCommand } from "./doctor-command.ts";
import { keysCommand } from "./keys-command.ts";
import { createMcpProxyCommand } from "./mcp-proxy-command.ts";
import { policyCommand } from "./policy-command.ts";
import { EXIT_CODES, type CliIo, type Subcommand } from "./subcommand.ts";
import { verifyCommand } from "./verify-command.ts";

/** Every command; a new one is one more entry. */
export const SUBCOMMANDS: readonly Subcommand[] = [
  { name: "approvals", summary: "list, show, approve and deny held messages", run: runApprovals },
  auditCommand,
  doctorCommand,
  keysCommand,
  createMcpProxyCommand(() => ({
    input: process.stdin,
    output: process.stdout,
    error: process.stderr,
    stopped: async () => {
      await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
    },
  })),
  policyCommand,
  verifyCommand,
];

/**
 * The `cortexos` command.
 *
 * @param args - what follows `cortexos`.
 * @returns the exit code, one of {@link EXIT_CODES}. Never throws.
 */
export async function runCortexos(args: readonly string[], io: CliIo): Promise<number> {
  const [name = "", ...rest] = args;
  if (name === "" || name === "help" || name === "--help" || name === "-h") {
    io.out(usage());
    return EXIT_CODES.ok;
  }
  const subcommand = SUBCOMMANDS.find((candidate) => candidate.name === name);
  if (subcommand !== undefined) return subcommand.run(rest, io);
  io.error(`cortexos: no such command: \`${name.slice(0, 64)}\`\n${usage()}`);
  return EXIT_CODES.usage;
}

function usage(): string {
  const width = Math.max(...SUBCOMMANDS.map(({ name }) => name.length));
  const lines = SUBCOMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}\n`);
  return `usage: cortexos <command>\n\n${lines.join("")}\nEach command explains itself with --help.\n`;
}
