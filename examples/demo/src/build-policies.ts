import { join } from "node:path";
import { DemoError } from "./demo-error.ts";
import { REPO_ROOT, type DemoFolder } from "./demo-folder.ts";
import { runCommand } from "./run-command.ts";

/** The command as a checkout has it. */
const CLI: string = join(REPO_ROOT, "packages", "cli", "bin", "cortexos.mjs");

/** Id of the key that signs the demonstration's bundle. */
export const KEY_ID = "demo";

/**
 * Makes a key pair, and compiles and signs `policies/` with it.
 *
 * @throws DemoError in one line, with `file:line:col` of what is wrong with a policy.
 */
export async function buildPolicies(folder: DemoFolder, signal: AbortSignal): Promise<void> {
  await cortexos(["keys", "generate", "--private", folder.signingKey, "--public", folder.publicKey], signal);
  const key = ["--key", folder.signingKey, "--key-id", KEY_ID];
  await cortexos(["policy", "build", "policies", ...key, "--out", folder.bundle], signal);
}

async function cortexos(args: readonly string[], signal: AbortSignal): Promise<void> {
  const { code, stdout, stderr } = await runCommand(process.execPath, [CLI, ...args, "--json"], { signal });
  if (code !== 0)
    throw new DemoError(failureLine(stdout) ?? `cortexos ${args.slice(0, 2).join(" ")}: ${oneLine(stderr)}`);
}

/** A failure as `--json` tells it, in one line: the first thing that is wrong, and how many more there are. */
export function failureLine(json: string): string | undefined {
  const report = readReport(json);
  if (report === undefined) return undefined;
  const [first, ...more] = report.diagnostics;
  if (first === undefined) return `policies: ${oneLine(report.message)}`;
  const rest = more.length === 0 ? "" : ` (and ${more.length} more: npx cortexos policy check policies)`;
  return `${first.file}:${first.row}:${first.col}: ${oneLine(first.message)}${rest}`;
}

interface Report {
  readonly message: string;
  readonly diagnostics: readonly {
    readonly file: string;
    readonly row: number;
    readonly col: number;
    readonly message: string;
  }[];
}

function readReport(json: string): Report | undefined {
  try {
    const report: Report = JSON.parse(json);
    return report;
  } catch {
    return undefined;
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
