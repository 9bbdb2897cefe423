import { isCliError, CliError } from "./cli-error.ts";
import { readCommandLine, type CommandLine, type CommandShape } from "./command-line.ts";
import { reportFailure } from "./report-failure.ts";
import { EXIT_CODES, type CliIo, type Subcommand } from "./subcommand.ts";

/** One command below a subcommand, such as `build` of `policy`. */
export interface Verb {
  readonly name: string;
  /** Without `cortexos`. */
  readonly usage: string;
  readonly summary: string;
  readonly shape: CommandShape;
  /** May throw: it is reported in one line. */
  run(line: CommandLine, io: CliIo): Promise<number>;
}

/** A subcommand that is a table of verbs. */
export function createVerbs(name: string, summary: string, verbs: readonly Verb[]): Subcommand {
  const usage = verbs.map((verb, i) => `${i === 0 ? "usage: " : "       "}cortexos ${verb.usage}\n`).join("");
  return {
    name,
    summary,
    async run(args, io) {
      const [first = "", ...rest] = args;
      if (first === "" || first === "--help" || first === "-h") {
        io.out(usage);
        return EXIT_CODES.ok;
      }
      const verb = verbs.find((candidate) => candidate.name === first);
      if (verb !== undefined) return runVerb(verb, { args: rest, command: `${name} ${verb.name}` }, io);
      const reason = new CliError("cli.usage", `no such command: \`${first.slice(0, 64)}\``);
      return reportFailure(reason, { name, usage, json: false }, io);
    },
  };
}

/** Runs one verb, with help and failures told alike everywhere. */
export async function runVerb(
  verb: Verb,
  { args, command }: { readonly args: readonly string[]; readonly command: string },
  io: CliIo,
): Promise<number> {
  const usage = `usage: cortexos ${verb.usage}\n`;
  let line: CommandLine | undefined;
  try {
    line = readCommandLine(args, verb.shape);
    if (!line.flag("help")) return await verb.run(line, io);
    io.out(`${usage}\n${verb.summary}\n`);
    return EXIT_CODES.ok;
  } catch (reason) {
    const [root] = line?.positionals ?? [];
    const json = !isUsage(reason) && line?.flag("json") === true;
    return reportFailure(reason, { name: command, usage, json, root: root ?? "policies" }, io);
  }
}

function isUsage(reason: unknown): boolean {
  return isCliError(reason) && reason.code === "cli.usage";
}
