import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readArchive, REFUSED_BUILTINS } from "@cortexos/engine";
import { CompilerError } from "./compiler-error.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { findOpa, type OpaSearch } from "./find-opa.ts";
import { isFields, itemsOf, memberAt, textOr, type Fields } from "./json-access.ts";
import type { CompiledRego, OpaBackend, ParsedRego, RegoSource, RegoTree } from "./opa-backend.ts";
import { readOpaErrors } from "./opa-errors.ts";
import { runOpa, type OpaAnswer } from "./opa-process.ts";
import { readCoverage, readTestResults } from "./opa-test-output.ts";

/** Runs of OPA at a time. */
const PARALLEL_RUNS = 4;
const CHECK_ERRORS_MAX = "200";

/**
 * The OPA executable of this machine as a compiler. Each call works on a copy of the tree in a temporary folder that is removed after it.
 *
 * @throws CompilerError `compiler.opa_missing`, `compiler.opa_version`.
 */
export async function openNativeOpa(search: OpaSearch): Promise<OpaBackend> {
  const path = findOpa(search);
  const version = await readVersion(path);
  let capabilities: string | undefined;
  return {
    version,
    parse: (tree) => inStage(tree, (stage) => parseAll(path, stage, tree.rego)),
    check: async (tree, inputSchema) => {
      capabilities ??= await readCapabilities(path);
      const offered = capabilities;
      return inStage(tree, async (stage) => {
        writeFileSync(join(stage.root, "capabilities.json"), offered);
        const args = ["check", "--bundle", ".", "--strict", "--format", "json", "--max-errors", CHECK_ERRORS_MAX];
        args.push("--capabilities", "../capabilities.json");
        if (inputSchema !== undefined) {
          writeFileSync(join(stage.root, "input.json"), inputSchema);
          args.push("--schema", "../input.json");
        }
        const answer = await runOpa(path, args, stage.tree);
        return answer.exitCode === 0 ? [] : errorsOf(answer);
      });
    },
    compile: (tree, entrypoint, target) => inStage(tree, (stage) => compile(path, stage, { entrypoint, target })),
    test: (tree, options) =>
      inStage(tree, async (stage) => {
        const pick = options.pattern === undefined ? [] : ["--run", options.pattern];
        const args = ["test", "--bundle", ".", "--format", "json", ...pick];
        const answer = await runOpa(path, args, stage.tree);
        const results = readTestResults(answer.stdout);
        if (results === undefined) return { ok: false, diagnostics: errorsOf(answer) };
        const measured = options.coverage && results.every((result) => result.passed);
        const coverage = measured ? readCoverage((await runOpa(path, [...args, "--coverage"], stage.tree)).stdout) : [];
        return { ok: true, results, coverage };
      }),
  };
}

interface Stage {
  readonly root: string;
  readonly tree: string;
}

/** Works on a copy, so that OPA sees bundle paths only and never a stray file. */
async function inStage<T>(tree: RegoTree, work: (stage: Stage) => Promise<T>): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), `cortexos-opa-${process.pid}-`));
  try {
    const stage = { root, tree: join(root, "tree") };
    mkdirSync(stage.tree);
    for (const { path, text } of tree.rego) writeStaged(stage.tree, path, text);
    for (const [path, text] of tree.data) writeStaged(stage.tree, path, text);
    writeStaged(stage.tree, ".manifest", JSON.stringify(stageManifest(tree.rego)));
    return await work(stage);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function writeStaged(root: string, path: string, text: string): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function stageManifest(rego: readonly RegoSource[]): Fields {
  const old = rego.filter((source) => source.regoVersion === 0).map((source) => [`/${source.path}`, 0] as const);
  return { roots: [""], rego_version: 1, file_rego_versions: Object.fromEntries(old) };
}

async function readVersion(path: string): Promise<string> {
  const { stdout } = await runOpa(path, ["version"], tmpdir());
  const version = /^Version: (\d+)\.(\d+)\.(\d+)/m.exec(stdout);
  if (version === null)
    throw new CompilerError("compiler.opa_missing", `\`${path}\` does not tell its version as OPA does`);
  const text = version.slice(1).join(".");
  if (version[1] !== "0") return text;
  throw new CompilerError("compiler.opa_version", `OPA at \`${path}\` is ${text}, and 1.0 or later is needed`);
}

async function readCapabilities(path: string): Promise<string> {
  const { stdout } = await runOpa(path, ["capabilities", "--current"], tmpdir());
  const capabilities: unknown = JSON.parse(stdout);
  if (!isFields(capabilities)) throw new CompilerError("compiler.opa_failed", "OPA's capabilities can't be read");
  const builtins = itemsOf(capabilities["builtins"]).filter(
    (builtin) =>
      memberAt(builtin, "nondeterministic") !== true && !REFUSED_BUILTINS.has(textOr(memberAt(builtin, "name"), "")),
  );
  return JSON.stringify({ ...capabilities, builtins });
}

async function parseAll(opa: string, stage: Stage, sources: readonly RegoSource[]): Promise<readonly ParsedRego[]> {
  const parsed: ParsedRego[] = [];
  for (let at = 0; at < sources.length; at += PARALLEL_RUNS) {
    const batch = sources.slice(at, at + PARALLEL_RUNS);
    parsed.push(...(await Promise.all(batch.map((source) => parseOne(opa, stage, source)))));
  }
  return parsed;
}

async function parseOne(opa: string, stage: Stage, source: RegoSource): Promise<ParsedRego> {
  const args = ["parse", "--format", "json", "--json-include", "locations,annotations,-comments"];
  if (source.regoVersion === 0) args.push("--v0-compatible");
  const answer = await runOpa(opa, [...args, source.path], stage.tree);
  if (answer.exitCode !== 0) return { ok: false, diagnostics: errorsOf(answer) };
  const module: unknown = JSON.parse(answer.stdout);
  if (isFields(module)) return { ok: true, module };
  throw new CompilerError("compiler.opa_failed", `OPA's syntax tree of \`${source.path}\` can't be read`);
}

interface CompileOrder {
  readonly entrypoint: string;
  readonly target: "wasm" | "plan";
}

async function compile(opa: string, stage: Stage, { entrypoint, target }: CompileOrder): Promise<CompiledRego> {
  const output = join(stage.root, "out.tar.gz");
  // No optimisation: -O1 and -O2 have changed decisions before (CVE-2022-23628), and the engine has its own index.
  const args = ["build", "--bundle", ".", "--target", target, "--optimize", "0", "--entrypoint", entrypoint];
  const answer = await runOpa(opa, [...args, "--output", output], stage.tree);
  if (answer.exitCode !== 0) return { ok: false, diagnostics: errorsOf(answer) };
  const files = readArchive(readFileSync(output));
  const module = files.get(target === "wasm" ? "policy.wasm" : "plan.json");
  const data = files.get("data.json");
  if (module !== undefined && data !== undefined) return { ok: true, module, data };
  throw new CompilerError("compiler.opa_failed", `OPA's ${target} bundle lacks a file`);
}

function errorsOf({ stderr, stdout }: OpaAnswer): readonly Diagnostic[] {
  return readOpaErrors(stderr === "" ? stdout : stderr);
}
