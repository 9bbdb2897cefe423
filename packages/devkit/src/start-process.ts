import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { createChange, WAIT_MS_MAX, type Change } from "./change.ts";
import { DevkitError } from "./devkit-error.ts";
import { forgetGroup, reapGroup } from "./reaper.ts";

/** Most that is kept of each output stream, in UTF-16 units; the oldest goes first. */
export const LOG_CHARS_MAX = 4_194_304;

/** How long a process may take to end by itself once asked. */
export const STOP_MS_MAX = 5_000;

/** How to start a process and know that it is ready. */
export interface ProcessOptions {
  /** A pattern in its output (both streams), or a probe that resolves. Ready at once unless given. */
  readonly ready?: RegExp | ((process: RunningProcess) => Promise<unknown>);
  /** For `ready`; {@link WAIT_MS_MAX} unless given. */
  readonly timeoutMs?: number;
  readonly cwd?: string;
  /** Added to this process's environment; `undefined` removes. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process in a group of its own, which ends with this one however this one ends. */
export interface RunningProcess {
  readonly pid: number;
  /** What it wrote so far; at most {@link LOG_CHARS_MAX} each. `log` is both streams as they came. */
  stdout(): string;
  stderr(): string;
  log(): string;
  write(text: string): void;
  /** Resolves with the first match in the whole log; rejects when the process ends without it. */
  waitForLog(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  readonly ended: Promise<ProcessEnd>;
  signal(name: NodeJS.Signals): void;
  /** SIGTERM to the group, then SIGKILL after {@link STOP_MS_MAX}. Safe to repeat. */
  stop(): Promise<ProcessEnd>;
  /** SIGKILL to the group. */
  kill(): Promise<ProcessEnd>;
}

/**
 * Starts a process and waits until it is ready; when it does not become so, it is killed.
 *
 * @throws DevkitError `process.failed`, `process.exited`, `wait.timeout`.
 */
export async function startProcess(
  command: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<RunningProcess> {
  const child = spawn(command, args, { detached: true, cwd: options.cwd, env: { ...process.env, ...options.env } });
  const pid = await spawned(child, command);
  reapGroup(pid);
  const running = supervise(child, pid);
  try {
    await becomeReady(running, options);
  } catch (cause) {
    await running.kill();
    throw exitedOr(cause, `${command} did not become ready`);
  }
  return running;
}

async function becomeReady(running: RunningProcess, options: ProcessOptions): Promise<void> {
  const { ready, timeoutMs = WAIT_MS_MAX } = options;
  if (ready instanceof RegExp) await running.waitForLog(ready, timeoutMs);
  else if (ready !== undefined) await ready(running);
}

function exitedOr(reason: unknown, message: string): unknown {
  const closed = reason instanceof DevkitError && reason.code === "wait.closed";
  return closed ? new DevkitError("process.exited", `${message}: ${reason.message}`, { cause: reason }) : reason;
}

function spawned(child: ChildProcessWithoutNullStreams, command: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (cause?: Error): void =>
      reject(new DevkitError("process.failed", `can't start ${command}: ${cause?.message ?? "no pid"}`, { cause }));
    child.once("error", failed);
    child.once("spawn", () => (child.pid === undefined ? failed() : resolve(child.pid)));
  });
}

function supervise(child: ChildProcessWithoutNullStreams, pid: number): RunningProcess {
  const change = createChange();
  const logs = captureLogs(child, change);
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once("exit", () => {
      // What its children still do, they do without their parent: end them, so that a log stream can't stay open.
      signalGroup(pid, "SIGKILL");
      forgetGroup(pid);
    });
    child.once("close", (code, signal) => {
      change.end(`the process ended with ${code ?? signal ?? "nothing"}`);
      resolve({ code, signal });
    });
  });
  const end = async (name: NodeJS.Signals): Promise<ProcessEnd> => {
    if (child.exitCode === null && child.signalCode === null) signalGroup(pid, name);
    const timer = setTimeout(() => signalGroup(pid, "SIGKILL"), STOP_MS_MAX);
    return ended.finally(() => clearTimeout(timer));
  };
  return {
    ...logs,
    pid,
    ended,
    write: (text) => void child.stdin.write(text),
    waitForLog: (pattern, timeoutMs) =>
      change.until(() => pattern.exec(logs.log()) ?? undefined, {
        timeoutMs,
        what: `${pattern} in the log`,
        quote: logs.log,
      }),
    signal: (name) => void child.kill(name),
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
}

function captureLogs(
  child: ChildProcessWithoutNullStreams,
  change: Change,
): Pick<RunningProcess, "stdout" | "stderr" | "log"> {
  const kept = { stdout: "", stderr: "", log: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      kept[name] = (kept[name] + text).slice(-LOG_CHARS_MAX);
      kept.log = (kept.log + text).slice(-LOG_CHARS_MAX);
      change.notify();
    });
  }
  child.stdin.on("error", () => undefined);
  return { stdout: () => kept.stdout, stderr: () => kept.stderr, log: () => kept.log };
}

function signalGroup(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch {
    // ESRCH: everyone in the group has ended already.
  }
}
