import { startProcess, type ProcessEnd } from "@cortexos/devkit";
import { DemoError } from "./demo-error.ts";
import { REPO_ROOT } from "./demo-folder.ts";

/** What a command that ended wrote. */
export interface CommandResult extends ProcessEnd {
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command runs. */
export interface CommandOptions {
  /** Ends it at once when aborted. */
  readonly signal: AbortSignal;
  /** Added to this process's environment; `undefined` removes. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const COMMAND_TIMEOUT_MS = 60_000;

/**
 * Runs a command at the checkout's root to its end.
 *
 * @throws DemoError when it took too long; whatever `startProcess` throws when it can't be started.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  { signal, env }: CommandOptions,
): Promise<CommandResult> {
  signal.throwIfAborted();
  const running = await startProcess(command, args, { cwd: REPO_ROOT, ...(env === undefined ? {} : { env }) });
  let late = false;
  const kill = (): void => void running.kill();
  const timer = setTimeout(() => {
    late = true;
    kill();
  }, COMMAND_TIMEOUT_MS);
  signal.addEventListener("abort", kill);
  if (signal.aborted) kill();
  const end = await running.ended;
  clearTimeout(timer);
  signal.removeEventListener("abort", kill);
  signal.throwIfAborted();
  if (late) throw new DemoError(`${[command, ...args].join(" ")} took longer than ${COMMAND_TIMEOUT_MS} ms`);
  return { ...end, stdout: running.stdout(), stderr: running.stderr() };
}
