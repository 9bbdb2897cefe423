import { existsSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { CompilerError } from "./compiler-error.ts";

/** Where OPA is looked for. */
export interface OpaSearch {
  /** Environment; `OPA` names the executable, `PATH` is searched last. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folders from which `.tools/bin/opa` is looked for, each up to the root. */
  readonly from: readonly string[];
}

/**
 * Path of the OPA executable: `OPA` in the environment, else `.tools/bin/opa` upward from the given folders, else `PATH`.
 *
 * @throws CompilerError `compiler.opa_missing`.
 */
export function findOpa(search: OpaSearch): string {
  const named = search.env["OPA"];
  if (named !== undefined && named !== "") {
    if (existsSync(named)) return resolve(named);
    throw new CompilerError("compiler.opa_missing", `OPA names \`${named}\`, and there is no such file`);
  }
  const found = candidates(search).find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new CompilerError(
    "compiler.opa_missing",
    "OPA is not there: install opa 1.x (https://www.openpolicyagent.org/docs#1-download-opa) on PATH, " +
      "put it into .tools/bin, or name it in the environment variable OPA",
  );
}

function candidates({ env, from }: OpaSearch): readonly string[] {
  const name = process.platform === "win32" ? "opa.exe" : "opa";
  const local = from.flatMap((folder) => upward(resolve(folder)).map((at) => join(at, ".tools", "bin", name)));
  const path = (env["PATH"] ?? "").split(delimiter).filter((at) => at !== "");
  return [...local, ...path.map((at) => join(at, name))];
}

function upward(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...upward(parent)];
}
