import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const INSTALL_MS_MAX = 120_000;
const RUN_MS_MAX = 60_000;
const PROGRAMS = ["python3", "python"];
const SCRIPTS = resolve(import.meta.dirname, "python");
/** Beside the other tools; the packages of one interpreter only. */
const PACKAGES = resolve(import.meta.dirname, "../../.tools/python");

const run = promisify(execFile);

/** A Python that has its NATS client. */
export interface PythonTool {
  /** Runs one of our scripts and gives the JSON that it prints last. */
  run(script: string, ...args: readonly string[]): Promise<unknown>;
}

/**
 * Finds Python and installs the pinned client for it under `.tools/python`, where it isn't there yet.
 *
 * @returns a reason, for people, when that can't be done.
 */
export async function findPython(): Promise<PythonTool | string> {
  const reasons: string[] = [];
  for (const program of PROGRAMS) {
    try {
      const { stdout } = await run(program, ["-c", "import sys; print(*sys.version_info[:2], sep='.')"]);
      return toolOf(program, await installClient(program, join(PACKAGES, stdout.trim())));
    } catch (reason) {
      reasons.push(reason instanceof Error ? reason.message : String(reason));
    }
  }
  return `no Python 3 with pip that can install test/python/requirements.txt: ${reasons.join("; ")}`;
}

async function installClient(program: string, folder: string): Promise<string> {
  const env = { ...process.env, PYTHONPATH: folder };
  try {
    await run(program, ["-c", "import nats, nats.js"], { env });
  } catch {
    mkdirSync(folder, { recursive: true });
    const options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "--upgrade"];
    const requirements = join(SCRIPTS, "requirements.txt");
    const args = ["-m", "pip", "install", ...options, "--target", folder, "--requirement", requirements];
    await run(program, args, { timeout: INSTALL_MS_MAX });
    await run(program, ["-c", "import nats, nats.js"], { env });
  }
  return folder;
}

function toolOf(program: string, folder: string): PythonTool {
  // Nothing of the machine's own packages, and no bytecode beside our scripts.
  const env = { ...process.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: "1", PYTHONNOUSERSITE: "1" };
  return {
    run: async (script, ...args) => {
      const { stdout } = await run(program, [join(SCRIPTS, script), ...args], { env, timeout: RUN_MS_MAX });
      return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
    },
  };
}
