import { inFolder, opa, writeFiles } from "../opa.ts";
import { gunzipSync } from "node:zlib";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A module's plan, and what OPA itself gives for the entrypoint, as the text it prints. */
export interface NativeAnswer {
  readonly plan: unknown;
  readonly result: string;
}

/** Compiles a module to a plan for `entrypoint` and lets OPA evaluate the same reference. */
export function askOpa(module: string, entrypoint: string, inputText?: string): NativeAnswer {
  return inFolder((folder) => {
    writeFiles(folder, { "p.rego": module, "i.json": inputText ?? "null" });
    opa(folder, "build", "-t", "plan", "-e", entrypoint, "-o", "b.tgz", "p.rego");
    const reference = `data.${entrypoint.replaceAll("/", ".")}`;
    const input = inputText === undefined ? [] : ["-i", "i.json"];
    const result = opa(folder, "eval", "-f", "json", "-d", "p.rego", ...input, reference);
    return { plan: planOf(readFileSync(join(folder, "b.tgz"))), result };
  });
}

/** A module's plan for some entrypoints. */
export function compilePlan(module: string, entrypoints: readonly string[]): unknown {
  return inFolder((folder) => {
    writeFiles(folder, { "p.rego": module });
    opa(folder, "build", "-t", "plan", ...entrypoints.flatMap((name) => ["-e", name]), "-o", "b.tgz", "p.rego");
    return planOf(readFileSync(join(folder, "b.tgz")));
  });
}

const TAR_BLOCK_BYTES = 512;

/** `plan.json` of a bundle. */
export function planOf(archive: Uint8Array): unknown {
  const tar: Buffer = gunzipSync(archive);
  for (let at = 0; at < tar.length;) {
    const name: string = tar.toString("utf8", at, at + 100).replace(/\0.*$/s, "");
    const size = Number.parseInt(tar.toString("ascii", at + 124, at + 136), 8);
    const start = at + TAR_BLOCK_BYTES;
    if (name.endsWith("plan.json")) return JSON.parse(tar.toString("utf8", start, start + size));
    at = start + Math.ceil((Number.isNaN(size) ? 0 : size) / TAR_BLOCK_BYTES) * TAR_BLOCK_BYTES;
  }
  throw new Error("no plan in the bundle");
}
