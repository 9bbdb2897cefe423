import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { CompilerError, type CompilerErrorCode } from "./compiler-error.ts";
import { compareText } from "./diagnostic.ts";
import { parseJsonSource } from "./json-source.ts";
import type { RegoSource, RegoTree } from "./opa-backend.ts";
import { readPackManifest, readTreeManifest, type PackManifest, type TreeManifest } from "./tree-manifest.ts";

/** Most files in a tree of packs. */
export const TREE_FILES_MAX = 5000;
/** Largest file of a tree of packs. */
export const SOURCE_BYTES_MAX: number = 16 * 1024 * 1024;

/** A pack and its folder name. */
export interface Pack extends PackManifest {
  readonly folder: string;
}

/** A tree of packs, read and checked but not compiled. */
export interface PackTree {
  /** The folder, as the caller named it. */
  readonly root: string;
  readonly manifest: TreeManifest;
  readonly packs: readonly Pack[];
  /** Everything that OPA is shown, by bundle path: a pack lies under `cortexos/rules/<pack>`, the library under `cortexos/lib`. */
  readonly sources: RegoTree;
  /** Path below the root of each bundle path. */
  readonly origins: ReadonlyMap<string, string>;
  /** What the tree itself says of the input, where it has `schemas/input.json`; the gate's own schema holds in any case. */
  readonly inputSchema: string | undefined;
}

/**
 * Reads a tree of packs: `bundle.json`, `<pack>/pack.json`, and under each pack and under `lib/` every `.rego` and `data.json`.
 *
 * @throws CompilerError `compiler.tree`, `compiler.manifest`, `compiler.pack_unknown`, `compiler.data`.
 */
export function readPackTree(root: string): PackTree {
  if (!existsSync(root) || !statSync(root).isDirectory()) {
    throw new CompilerError("compiler.tree", `\`${root}\` is no folder; name the folder that holds bundle.json`);
  }
  const manifest = readTreeManifest("bundle.json", readJson(root, "bundle.json", "compiler.manifest"));
  const packs = choosePacks(root, manifest).map((folder) => readPack(root, folder));
  const sources: RegoSource[] = [];
  const data = new Map<string, string>();
  const origins = new Map<string, string>();
  const folders = packs.map((pack) => ({
    from: pack.folder,
    to: `cortexos/rules/${pack.folder}`,
    version: pack.rego_version,
  }));
  const library: typeof folders = existsSync(join(root, "lib"))
    ? [{ from: "lib", to: "cortexos/lib", version: 1 }]
    : [];
  for (const { from, to, version } of [...library, ...folders]) {
    for (const below of listFiles(root, from)) {
      const origin = `${from}/${below}`;
      const path = `${to}/${below}`;
      origins.set(path, origin);
      if (below.endsWith(".rego")) sources.push({ path, text: readText(root, origin), regoVersion: version });
      else data.set(path, readData(root, origin));
    }
  }
  const schema = "schemas/input.json";
  const inputSchema = existsSync(join(root, schema)) ? readSchema(root, schema) : undefined;
  return { root, manifest, packs, sources: { rego: sources, data }, origins, inputSchema };
}

/** Whether a file holds tests, by its name; tests stay out of bundles. */
export function isTestPath(path: string): boolean {
  return path.endsWith("_test.rego");
}

function choosePacks(root: string, manifest: TreeManifest): readonly string[] {
  const present = entries(root, "").filter((name) => existsSync(join(root, name, "pack.json")));
  if (manifest.packs === undefined) {
    if (present.length > 0) return present;
    throw new CompilerError(
      "compiler.pack_unknown",
      "no folder here has a pack.json; a bundle needs at least one pack",
    );
  }
  const unknown = manifest.packs.find((name) => !present.includes(name));
  if (unknown !== undefined) {
    throw new CompilerError(
      "compiler.pack_unknown",
      `bundle.json: packs: \`${unknown}\` has no folder with a pack.json; there are ${present.join(", ") || "none"}`,
    );
  }
  return [...new Set(manifest.packs)].sort(compareText);
}

function readPack(root: string, folder: string): Pack {
  const file = `${folder}/pack.json`;
  const pack = readPackManifest(file, readJson(root, file, "compiler.manifest"));
  // The folder is part of every rule's id and of its package.
  if (pack.name === folder && /^[a-z][a-z0-9_]*$/.test(folder)) return { ...pack, folder };
  throw new CompilerError(
    "compiler.manifest",
    `${file}: \`name\` must be the folder's name, in snake_case: \`${folder}\``,
  );
}

/** Rego and data files below a folder, in one order on every machine; links are not followed. */
function listFiles(root: string, folder: string): readonly string[] {
  const found: string[] = [];
  const walk = (below: string): void => {
    for (const name of entries(root, join(folder, below))) {
      const path = below === "" ? name : `${below}/${name}`;
      if (statSync(join(root, folder, path)).isDirectory()) walk(path);
      else if (name.endsWith(".rego") || name === "data.json") found.push(path);
      else if (/^data\.ya?ml$/.test(name)) {
        throw new CompilerError("compiler.data", `${folder}/${path}: data must be JSON; name it data.json`);
      }
    }
    if (found.length > TREE_FILES_MAX)
      throw new CompilerError("compiler.tree", `more than ${TREE_FILES_MAX} files in \`${folder}\``);
  };
  walk("");
  return found;
}

function entries(root: string, folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => !entry.isSymbolicLink() && !entry.name.startsWith(".") && entry.name !== "node_modules")
    .map((entry) => entry.name)
    .sort(compareText);
}

function readBytes(root: string, path: string, code: CompilerErrorCode): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(join(root, path));
  } catch (cause) {
    throw new CompilerError(code, `\`${join(root, path)}\` is missing or can't be read`, { cause });
  }
  if (bytes.length <= SOURCE_BYTES_MAX) return bytes;
  throw new CompilerError(code, `\`${join(root, path)}\` is larger than ${SOURCE_BYTES_MAX} bytes`);
}

function readJson(root: string, path: string, code: CompilerErrorCode): ReturnType<typeof parseJsonSource> {
  return parseJsonSource(path, readBytes(root, path, code), code);
}

function readText(root: string, path: string): string {
  const text = decodeUtf8(readBytes(root, path, "compiler.tree"));
  if (text !== undefined) return text;
  throw new CompilerError("compiler.tree", `${path}: not UTF-8`);
}

function readData(root: string, path: string): string {
  const value = readJson(root, path, "compiler.data");
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return JSON.stringify(value);
  throw new CompilerError("compiler.data", `${path}:1:1: data must be a JSON object`);
}

function readSchema(root: string, path: string): string {
  return JSON.stringify(readJson(root, path, "compiler.manifest"));
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
