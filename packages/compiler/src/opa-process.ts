import { execFile } from "node:child_process";
import { CompilerError } from "./compiler-error.ts";

/** Longest run of OPA. */
export const OPA_MS_MAX = 300_000;
/** Most output of OPA that is read. */
export const OPA_OUTPUT_BYTES_MAX: number = 256 * 1024 * 1024;

/** What OPA answered; a wrong policy is an exit code, not an error. */
export interface OpaAnswer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs OPA once. Its environment is empty: `OPA_…` variables could change any option.
 *
 * @throws CompilerError `compiler.opa_missing` when it can't be run, `compiler.opa_failed` when it was ended by a signal or a bound.
 */
export function runOpa(path: string, args: readonly string[], cwd: string): Promise<OpaAnswer> {
  return new Promise((resolve, reject) => {
    const options = {
      cwd,
      env: {},
      timeout: OPA_MS_MAX,
      maxBuffer: OPA_OUTPUT_BYTES_MAX,
      killSignal: "SIGKILL",
    } as const;
    execFile(path, [...args], options, (error, stdout, stderr) => {
      if (error === null) return resolve({ exitCode: 0, stdout, stderr });
      if (typeof error.code === "number") return resolve({ exitCode: error.code, stdout, stderr });
      const ended = typeof error.signal === "string";
      const message = ended ? `OPA was ended by ${error.signal}` : `OPA at \`${path}\` can't be run`;
      return reject(
        new CompilerError(ended ? "compiler.opa_failed" : "compiler.opa_missing", message, { cause: error }),
      );
    });
  });
}
