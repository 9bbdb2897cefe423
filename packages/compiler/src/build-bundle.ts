import { Buffer } from "node:buffer";
import { digestBundle, signBundle, writeBundle, type SigningKey } from "@cortexos/engine";
import type { PolicyManifest } from "@cortexos/protocol";
import { checkPacks, type CheckedPacks } from "./check-packs.ts";
import { CompilerError } from "./compiler-error.ts";
import { compareText, formatDiagnostic, type Diagnostic } from "./diagnostic.ts";
import { itemsOf, memberAt, textOr } from "./json-access.ts";
import { ENTRYPOINT } from "./main-module.ts";
import type { CompiledRego, OpaBackend, RegoTree } from "./opa-backend.ts";
import { isTestPath, type PackTree } from "./pack-tree.ts";

/** A bundle, ready to be written to a file. */
export interface BuiltBundle {
  /** The gzipped tar archive. */
  readonly bytes: Uint8Array;
  /** `sha256:<hex>` of its contents, signature apart. */
  readonly digest: string;
  readonly manifest: PolicyManifest;
  /** Packages that give findings. */
  readonly ruleCount: number;
  /** Id of the key that signed it. */
  readonly signedBy: string | undefined;
}

/** How a bundle is built. */
export interface BuildOptions {
  readonly opa: OpaBackend;
  /** Unsigned when absent. */
  readonly key?: SigningKey;
}

/**
 * Compiles a tree of packs into a bundle that the engine and OPA read. The same sources and the same OPA give the same bytes, wherever the
 * tree lies and whenever its files were touched.
 *
 * @throws CompilerError `compiler.rego` with diagnostics, and whatever the backend throws; EngineError `engine.key`.
 */
export async function buildBundle(tree: PackTree, { opa, key }: BuildOptions): Promise<BuiltBundle> {
  const checked = await checkPacks(tree, opa);
  if (checked.diagnostics.length > 0) throw regoError(checked.diagnostics);
  const sources = withoutTests(checked.sources);
  const wasm = accepted(await opa.compile(sources, ENTRYPOINT, "wasm"));
  const plan = accepted(await opa.compile(sources, ENTRYPOINT, "plan"));
  const manifest = policyManifest(tree, plan.module);
  const unsigned = new Map<string, Uint8Array>([
    [".manifest", encodeJson(opaManifest(tree, { manifest, checked, sources, opaVersion: opa.version }))],
    ["data.json", wasm.data],
    ["plan.json", plan.module],
    ["policy.wasm", wasm.module],
    ...sources.rego.map(({ path, text }) => [path, Buffer.from(text, "utf8")] as const),
  ]);
  const files = key === undefined ? unsigned : signBundle(unsigned, key);
  const bytes = writeBundle(files);
  const ruleCount = checked.rulePackages.length;
  return { bytes, digest: digestBundle(files), manifest, ruleCount, signedBy: key?.keyId };
}

/** One line for each thing that is wrong. */
export function regoError(diagnostics: readonly Diagnostic[]): CompilerError {
  return new CompilerError("compiler.rego", diagnostics.map(formatDiagnostic).join("\n"), { diagnostics });
}

function withoutTests(sources: RegoTree): RegoTree {
  return { ...sources, rego: sources.rego.filter(({ path }) => !isTestPath(path)) };
}

function accepted(compiled: CompiledRego): Extract<CompiledRego, { ok: true }> {
  if (compiled.ok) return compiled;
  throw regoError(compiled.diagnostics);
}

function policyManifest({ manifest }: PackTree, plan: Uint8Array): PolicyManifest {
  const { packs: _packs, ...ours } = manifest;
  return { format: 1, entrypoint: ENTRYPOINT, ...ours, builtins: builtinsOf(plan) };
}

function builtinsOf(plan: Uint8Array): readonly string[] {
  const decoded: unknown = JSON.parse(Buffer.from(plan.buffer, plan.byteOffset, plan.byteLength).toString("utf8"));
  const names = itemsOf(memberAt(decoded, "static", "builtin_funcs")).map((item) => textOr(memberAt(item, "name"), ""));
  return [...new Set(names)].sort(compareText);
}

interface ManifestParts {
  readonly manifest: PolicyManifest;
  readonly checked: CheckedPacks;
  readonly sources: RegoTree;
  readonly opaVersion: string;
}

function opaManifest(tree: PackTree, { manifest, checked, sources, opaVersion }: ManifestParts): unknown {
  const old = sources.rego.filter(({ regoVersion }) => regoVersion === 0).map(({ path }) => [`/${path}`, 0] as const);
  const below = checked.modules.every(({ packagePath }) => packagePath[0] === "cortexos");
  return {
    revision: String(manifest.revision),
    roots: [below ? "cortexos" : ""],
    wasm: [{ entrypoint: ENTRYPOINT, module: "/policy.wasm" }],
    rego_version: 1,
    file_rego_versions: Object.fromEntries(old),
    metadata: {
      cortexos: manifest,
      compiler: { opa: opaVersion },
      packs: tree.packs.map(({ name, version, title }) => ({ name, version, title })),
    },
  };
}

function encodeJson(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value), "utf8");
}
