import { spawn } from "node:child_process";
import { constants } from "node:os";

const OUTPUT_BYTES_MAX = 4 * 1024 * 1024;
const KILL_GRACE_MS = 5_000;

/**
 * Runs a program and waits for it. Never throws for what the program does: a missing program is status 127,
 * one that ran past its time is status 124.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number, output?: "capture" | "show" | "both" }} [options]
 * @returns {Promise<{ status: number, stdout: string, stderr: string }>}
 */
export function runCommand(command, args, options = {}) {
  const { cwd, env, timeoutMs, output = "capture" } = options;
  /** @type {import("node:child_process").StdioOptions} */
  const stdio = output === "show" ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"];
  const child = spawn(command, args, { cwd, env, stdio });
  const stdout = collect(child.stdout, output === "both" ? process.stdout : undefined);
  const stderr = collect(child.stderr, output === "both" ? process.stderr : undefined);
  const untie = tieToOurSignals(child);
  return new Promise((resolve) => {
    let timedOut = false;
    const timer = timeoutMs === undefined ? undefined : setTimeout(expire, timeoutMs);
    function expire() {
      timedOut = true;
      endChild(child);
    }
    function finish(status, trouble = "") {
      clearTimeout(timer);
      untie();
      resolve({ status, stdout: stdout(), stderr: stderr() + trouble });
    }
    child.once("error", (/** @type {NodeJS.ErrnoException} */ error) =>
      finish(error.code === "ENOENT" ? 127 : 126, error.message),
    );
    child.once("close", (code, signal) => {
      if (timedOut) finish(124, `\n${command} ran longer than ${timeoutMs} ms and was ended`);
      else finish(code ?? signalStatus(signal));
    });
  });
}

/**
 * The status a shell would report for a signal.
 *
 * @param {NodeJS.Signals | null} signal
 */
export function signalStatus(signal) {
  return 128 + (signal === null ? 0 : constants.signals[signal]);
}

function collect(stream, echo) {
  let text = "";
  stream?.setEncoding("utf8");
  stream?.on("data", (chunk) => {
    echo?.write(chunk);
    text = (text + chunk).slice(-OUTPUT_BYTES_MAX);
  });
  return () => text;
}

function endChild(child) {
  child.kill("SIGTERM");
  setTimeout(() => child.kill("SIGKILL"), KILL_GRACE_MS).unref();
}

/** When we are told to stop, so is what we started; `exit` handlers (the set-up lock) still run. */
function tieToOurSignals(child) {
  const handlers = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]).map((signal) => {
    const stop = () => {
      child.kill(signal);
      process.exit(signalStatus(signal));
    };
    process.once(signal, stop);
    return () => process.off(signal, stop);
  });
  return () => handlers.forEach((untie) => untie());
}
