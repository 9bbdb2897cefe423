import { createHash } from "node:crypto";
import { decodeJson, sha256Hex, type JsonValue } from "@cortexos/protocol";
import { readArchive, writeArchive, type BundleFiles } from "./archive.ts";
import { EngineError } from "./errors.ts";
import { isJsonObject } from "./fields.ts";
import { isBelow, readManifest, type BundleManifest } from "./manifest.ts";

/** Paths in a bundle that mean something. */
export const BUNDLE_PATHS = {
  manifest: ".manifest",
  data: "data.json",
  wasm: "policy.wasm",
  plan: "plan.json",
  signatures: ".signatures.json",
} as const;

/** Bounds of `data.json`: nesting, and values counted as commas, colons and brackets. */
export const DATA_LIMITS = { depthMax: 64, valuesMax: 2_000_000 } as const;

/** A bundle whose form is right; whether it may be trusted is another question. */
export interface Bundle {
  /** `sha256:<hex>` of its contents, signature apart. */
  readonly digest: string;
  readonly files: BundleFiles;
  readonly manifest: BundleManifest;
  /** Whether a `.signatures.json` is there; it hasn't been looked at. */
  readonly signed: boolean;
}

/**
 * Reads a bundle in OPA's format: `.manifest`, `policy.wasm`, and if they are there `data.json`, `plan.json`, `.signatures.json` and
 * Rego sources; nothing else.
 *
 * @throws EngineError `bundle.archive`, `bundle.content` or `bundle.manifest`. Never anything else, whatever the bytes.
 */
export function readBundle(bytes: Uint8Array): Bundle {
  return checkBundle(readArchive(bytes));
}

/**
 * Writes a bundle that {@link readBundle} and OPA read.
 *
 * @throws EngineError as {@link readBundle}.
 */
export function writeBundle(files: BundleFiles): Uint8Array {
  checkBundle(files);
  return writeArchive(files);
}

/**
 * The name of a bundle: `sha256:<hex>` over the sorted lines `<path> NUL <SHA-256 of the content> LF`, without `.signatures.json`. It names the
 * contents, so compressing or signing again changes nothing.
 */
export function digestBundle(files: BundleFiles): string {
  const hash = createHash("sha256");
  for (const [path, content] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (path !== BUNDLE_PATHS.signatures) hash.update(`${path}\0${sha256Hex(content)}\n`);
  }
  return `sha256:${hash.digest("hex")}`;
}

function checkBundle(files: BundleFiles): Bundle {
  for (const path of files.keys()) if (!isKnown(path)) throw refused(`${path}: no such file belongs in a bundle`);
  const manifest = readManifest(requireFile(files, BUNDLE_PATHS.manifest));
  requireFile(files, BUNDLE_PATHS.wasm);
  checkData(files.get(BUNDLE_PATHS.data), manifest.roots);
  return { digest: digestBundle(files), files, manifest, signed: files.has(BUNDLE_PATHS.signatures) };
}

/**
 * OPA finds a manifest, data, a signature or a patch by a name's end, wherever it lies. Only the places that mean the same to it and to us are
 * let in.
 */
function isKnown(path: string): boolean {
  const known: readonly string[] = Object.values(BUNDLE_PATHS);
  return known.includes(path) || /^[^.].*\.rego$/.test(path);
}

/** @throws EngineError `bundle.content` when it isn't there. */
export function requireFile(files: BundleFiles, path: string): Uint8Array {
  const content = files.get(path);
  if (content === undefined) throw refused(`${path}: missing`);
  return content;
}

function checkData(bytes: Uint8Array | undefined, roots: readonly string[]): void {
  if (bytes === undefined) return;
  const decoding = decodeJson(bytes, DATA_LIMITS);
  if (!decoding.ok) throw refused(`${BUNDLE_PATHS.data}: ${decoding.reason}`);
  if (!isJsonObject(decoding.value)) throw refused(`${BUNDLE_PATHS.data}: must be an object`);
  checkRoots("", decoding.value, roots);
}

/** Data lies under a root, or is an object on the way to one. */
function checkRoots(path: string, value: JsonValue, roots: readonly string[]): void {
  if (roots.some((root) => isBelow(path, root))) return;
  const onTheWay = roots.some((root) => path === "" || root.startsWith(`${path}/`));
  if (!onTheWay || !isJsonObject(value)) throw refused(`${BUNDLE_PATHS.data}: /${path} lies outside the roots`);
  for (const [key, member] of Object.entries(value)) checkRoots(path === "" ? key : `${path}/${key}`, member, roots);
}

function refused(message: string): EngineError {
  return new EngineError("bundle.content", message);
}
