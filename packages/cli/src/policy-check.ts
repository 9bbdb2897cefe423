import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import {
  checkFile,
  checkHouseRules,
  checkPacks,
  formatDiagnostic,
  openNativeOpa,
  readPackTree,
  type Diagnostic,
  type OpaBackend,
} from "@cortexos/compiler";
import { readCommandFile } from "./command-files.ts";
import { opaSearch, resolveTree } from "./policy-tree.ts";
import { countText, placed } from "./report-failure.ts";
import { EXIT_CODES, type CliIo } from "./subcommand.ts";
import type { Verb } from "./verb.ts";

/** `cortexos policy check`. */
export const policyCheck: Verb = {
  name: "check",
  usage: "policy check [<folder> | <file.rego>]… [--json]",
  summary: "check packs, or single Rego files, and say how to mend them",
  shape: { texts: [], flags: ["json"] },
  async run(line, io) {
    const targets = line.positionals.length === 0 ? ["policies"] : line.positionals;
    const diagnostics: Diagnostic[] = [];
    for (const target of targets) {
      const opa = await openNativeOpa(opaSearch(target, io));
      const isFile = target.endsWith(".rego");
      diagnostics.push(...(isFile ? await checkOneFile(target, opa, io) : await checkTree(target, opa, io)));
    }
    const ok = diagnostics.length === 0;
    if (line.flag("json")) io.out(`${JSON.stringify({ ok, diagnostics })}\n`);
    else {
      for (const diagnostic of diagnostics) io.error(`${formatDiagnostic(diagnostic)}\n`);
      if (ok) io.out(`${targets.join(", ")}: no errors\n`);
      else io.error(`cortexos policy check: ${countText(diagnostics.length)}\n`);
    }
    return ok ? EXIT_CODES.ok : EXIT_CODES.failed;
  },
};

async function checkTree(folder: string, opa: OpaBackend, io: CliIo): Promise<readonly Diagnostic[]> {
  const tree = readPackTree(resolveTree(folder, io));
  const checked = await checkPacks(tree, opa);
  return placed([...checked.diagnostics, ...checkHouseRules(tree, checked.modules)], folder);
}

async function checkOneFile(file: string, opa: OpaBackend, io: CliIo): Promise<readonly Diagnostic[]> {
  const text = new TextDecoder().decode(readCommandFile(io.cwd, file, "the Rego file"));
  const folders = upward(dirname(resolve(io.cwd, file)));
  const manifest = readNearest(folders, "pack.json");
  const inputSchema = readNearest(folders, join("schemas", "input.json"));
  const pack = manifest === undefined ? {} : { regoVersion: packVersion(manifest), inPack: true };
  return checkFile({ file, text, ...pack, ...(inputSchema === undefined ? {} : { inputSchema }) }, opa);
}

/** The Rego version that a pack names; checking a tree says whether the rest of its `pack.json` is right. */
function packVersion(manifest: string): 0 | 1 {
  return /"rego_version"\s*:\s*0\b/.test(manifest) ? 0 : 1;
}

function readNearest(folders: readonly string[], name: string): string | undefined {
  const file = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  return file === undefined ? undefined : readFileSync(file, "utf8");
}

function upward(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...upward(parent)];
}
