import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { readDataset, type Dataset } from "./dataset.ts";
import { generateAttacks } from "./generate-attacks.ts";
import { EvalsError, isEvalsError } from "./evals-error.ts";
import { measure } from "./measure.ts";
import { buildPacks } from "./pack-bundle.ts";
import { reportOf, reportText, type EvalReport } from "./report.ts";
import { openSessionGate } from "./session-gate.ts";

/** Where the command writes and what it finds around it. */
export interface EvalIo {
  out(text: string): void;
  error(text: string): void;
  readonly cwd: string;
  /** The folder of packs. */
  readonly policies: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const USAGE = `usage: npm run eval:agents -- <dataset.json> [--suite <name>]… [--generate] [--json]

Decides the recorded tool calls of a data set through a gate with the pack agent_tools, and says what it stopped.
--generate adds attacks made of the data set's own tasks.
`;

/**
 * The command `eval:agents`.
 *
 * @returns the exit code: 0 when no benign call was denied, 1 when one was or the evaluation couldn't run, 2 for wrong usage.
 */
export async function runEvalAgents(args: readonly string[], io: EvalIo): Promise<number> {
  try {
    const { files, suites, generate, json } = readArgs(args);
    const [file, ...more] = files;
    if (file === undefined || more.length > 0) throw new EvalsError("evals.usage", "one file with tasks is wanted");
    const read = chosen(readDataset(readText(resolve(io.cwd, file))), suites);
    const dataset = generate ? { ...read, attacks: [...read.attacks, ...generateAttacks(read)] } : read;
    const opa = { env: io.environment, from: [io.policies, io.cwd] };
    const bundle = await buildPacks({ policies: io.policies, packs: ["agent_tools"], opa });
    const report = await measureBundle(bundle, dataset);
    io.out(json ? `${JSON.stringify(report)}\n` : reportText(report));
    return report.total.denied === 0 ? 0 : 1;
  } catch (thrown) {
    if (!(thrown instanceof Error)) throw thrown;
    const usage = isEvalsError(thrown) && thrown.code === "evals.usage";
    io.error(`eval:agents: ${thrown.message}\n${usage ? USAGE : ""}`);
    return usage ? 2 : 1;
  }
}

async function measureBundle(bundle: Awaited<ReturnType<typeof buildPacks>>, dataset: Dataset): Promise<EvalReport> {
  const gate = openSessionGate(bundle.bytes);
  try {
    return reportOf(await measure(gate, dataset), bundle.digest);
  } finally {
    await gate.close();
  }
}

interface EvalArgs {
  readonly files: readonly string[];
  readonly suites: readonly string[];
  readonly generate: boolean;
  readonly json: boolean;
}

function readArgs(args: readonly string[]): EvalArgs {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { generate: { type: "boolean" }, json: { type: "boolean" }, suite: { type: "string", multiple: true } },
    });
    const { generate = false, json = false, suite = [] } = values;
    return { files: positionals, suites: suite, generate, json };
  } catch (cause) {
    throw new EvalsError("evals.usage", cause instanceof Error ? cause.message : "unreadable options", { cause });
  }
}

function chosen({ attacks, tasks, tools }: Dataset, suites: readonly string[]): Dataset {
  if (suites.length === 0) return { attacks, tasks, tools };
  const isChosen = ({ suite }: { readonly suite: string }): boolean => suites.includes(suite);
  return { attacks: attacks.filter(isChosen), tasks: tasks.filter(isChosen), tools };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new EvalsError("evals.dataset", `\`${path}\` is missing or can't be read`, { cause });
  }
}
