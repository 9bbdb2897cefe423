import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  createPolicy,
  openBundle,
  readArchive,
  writeBundle,
  type BundleFiles,
  type OpenBundle,
  type Policy,
  type Tier,
} from "../src/index.ts";

/** The tests' own OPA: the environment's, the repository's, or the one on PATH. */
export const OPA: string = findOpa();

function findOpa(): string {
  const local = fileURLToPath(new URL("../../../.tools/bin/opa", import.meta.url));
  return process.env["OPA"] ?? (statSync(local, { throwIfNoEntry: false }) === undefined ? "opa" : local);
}

/** Runs OPA in a folder. Gives what it printed, or throws with all that it said. */
export function opa(cwd: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(OPA, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`opa ${args.join(" ")}: ${stdout}${stderr}`);
  return stdout;
}

/** A folder that is removed when the work is done. */
export function inFolder<Result>(work: (folder: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), "cortexos-engine-"));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function writeFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

export interface TestBundle {
  readonly rego: string;
  readonly data?: Readonly<Record<string, unknown>>;
  /** Fields of `metadata.cortexos` to set otherwise. */
  readonly policy?: Readonly<Record<string, unknown>>;
}

export const ENTRYPOINT = "cortexos/main/findings";

/** Compiles a policy with the real OPA into the files of a bundle: Rego text in package `cortexos.main` that defines `findings`. */
export function compileFiles(bundle: TestBundle): BundleFiles {
  const key = JSON.stringify(bundle);
  const files = compiled.get(key) ?? compile(bundle);
  compiled.set(key, files);
  return files;
}

const compiled = new Map<string, BundleFiles>();

function compile({ rego, data, policy }: TestBundle): BundleFiles {
  return inFolder((folder) => {
    const metadata = { cortexos: policyManifest(policy) };
    const manifest = { revision: "test", roots: ["cortexos", ...Object.keys(data ?? {})], metadata };
    const sources = {
      "main.rego": rego,
      ".manifest": JSON.stringify(manifest),
      "data.json": JSON.stringify(data ?? {}),
    };
    writeFiles(join(folder, "src"), sources);
    for (const target of ["plan", "wasm"])
      opa(folder, "build", "-t", target, "-e", ENTRYPOINT, "-b", "src", "-o", `${target}.tar.gz`);
    const wasm = readArchive(readFileSync(join(folder, "wasm.tar.gz")));
    const plan = readArchive(readFileSync(join(folder, "plan.tar.gz")));
    // OPA leaves out of the sources what it compiled to WebAssembly; the bundle is to have them as they were.
    const source = [...wasm.keys()].filter((path) => path.endsWith(".rego"));
    const kept = [...wasm].filter(([path]) => !source.includes(path));
    return new Map([
      ...kept,
      ["main.rego", Buffer.from(rego)],
      ["plan.json", plan.get("plan.json") ?? new Uint8Array()],
    ]);
  });
}

function policyManifest(changes: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    format: 1,
    revision: 1,
    entrypoint: ENTRYPOINT,
    require_allow: false,
    modifiable: [],
    payloads: [],
    records: [],
    strict_order: [],
    builtins: [],
    ...changes,
  };
}

/** The same files with other fields in `metadata.cortexos`. */
export function withPolicy(files: BundleFiles, changes: Readonly<Record<string, unknown>>): Map<string, Uint8Array> {
  const manifest = JSON.parse(Buffer.from(files.get(".manifest") ?? []).toString()) as Record<string, unknown>;
  const changed = { ...manifest, metadata: { cortexos: policyManifest(changes) } };
  return new Map([...files, [".manifest", Buffer.from(JSON.stringify(changed))]]);
}

export function openFiles(files: BundleFiles, tier: Tier = "plan"): OpenBundle {
  return openBundle(writeBundle(files), { unsigned: "accept", nowNs: 0n, tier });
}

export function compileWasmPolicy(bundle: TestBundle): Policy {
  return createPolicy(openFiles(compileFiles(bundle), "wasm"));
}

/** A policy whose findings are what the input says, as `input.deny` and so on; missing sets are empty. */
export const ECHO_REGO = `package cortexos.main

findings := {effect: {f | some f in object.get(input, effect, [])} |
	some effect in ["deny", "require_human", "throttle", "modify", "allow"]
}
`;
