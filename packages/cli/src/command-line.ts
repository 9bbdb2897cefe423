import { parseArgs, type ParseArgsConfig } from "node:util";
import { CliError } from "./cli-error.ts";

/** What a command takes. */
export interface CommandShape {
  /** Options with a value, such as `out` for `--out <file>`. */
  readonly texts: readonly string[];
  /** Options without one. */
  readonly flags: readonly string[];
}

/** A command line that was read. */
export interface CommandLine {
  readonly positionals: readonly string[];
  text(name: string): string | undefined;
  flag(name: string): boolean;
}

/**
 * Reads a command line strictly: an unknown option is refused.
 *
 * @throws CliError `cli.usage`.
 */
export function readCommandLine(args: readonly string[], shape: CommandShape): CommandLine {
  const options: NonNullable<ParseArgsConfig["options"]> = Object.fromEntries([
    ...shape.texts.map((name) => [name, { type: "string" }] as const),
    ...[...shape.flags, "help"].map((name) => [name, { type: "boolean" }] as const),
  ]);
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const valueOf = new Map(Object.entries(values));
    return {
      positionals,
      text: (name) => {
        const value = valueOf.get(name);
        return typeof value === "string" ? value : undefined;
      },
      flag: (name) => valueOf.get(name) === true,
    };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : "unreadable options";
    throw new CliError("cli.usage", message.replaceAll(/\s+/g, " ").replace(/\. To specify .*$/, ""), { cause });
  }
}

/** @throws CliError `cli.usage` where an option is missing. */
export function requireText(line: CommandLine, name: string, what: string): string {
  const value = line.text(name);
  if (value !== undefined && value !== "") return value;
  throw new CliError("cli.usage", `--${name} <${what}> is missing`);
}

/** The one positional, or the default. @throws CliError `cli.usage` where there are more. */
export function onePositional(line: CommandLine, otherwise: string | undefined, what: string): string {
  const [first = otherwise, ...more] = line.positionals;
  if (more.length > 0) throw new CliError("cli.usage", `one ${what} is wanted, and there are ${more.length + 1}`);
  if (first !== undefined) return first;
  throw new CliError("cli.usage", `a ${what} is missing`);
}
