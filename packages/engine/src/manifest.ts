import { decodeJson, type PolicyManifest } from "@cortexos/protocol";
import { EngineError, type EngineErrorCode } from "./errors.ts";
import {
  readChoice,
  readList,
  readMatching,
  readMembers,
  readObject,
  readOptional,
  readText,
  rootField,
  type Field,
} from "./fields.ts";
import { readPolicyManifest } from "./policy-manifest.ts";

/** Largest `.manifest`, in bytes. */
const MANIFEST_BYTES_MAX: number = 1024 * 1024;

/** What a bundle's `.manifest` says, OPA's fields and ours. */
export interface BundleManifest {
  /** OPA's revision: for people; ours is `policy.revision`. */
  readonly revision: string;
  /** Paths below `data` that the bundle owns, without slashes at the ends; `""` is everything. */
  readonly roots: readonly string[];
  /** Entrypoints of `policy.wasm`. */
  readonly wasmEntrypoints: readonly string[];
  /** `metadata.cortexos`. */
  readonly policy: PolicyManifest;
}

/**
 * Reads a bundle's `.manifest`. Strict: unknown fields, of OPA's and of ours, are refused; other keys of `metadata` are left alone.
 *
 * @throws EngineError `bundle.manifest`, naming the field.
 */
export function readManifest(bytes: Uint8Array): BundleManifest {
  if (bytes.length > MANIFEST_BYTES_MAX)
    throw new EngineError(CODE, `.manifest: larger than ${MANIFEST_BYTES_MAX} bytes`);
  const decoding = decodeJson(bytes);
  if (!decoding.ok) throw new EngineError(CODE, `.manifest: ${decoding.reason}`);
  const member = readMembers(rootField(CODE, "", decoding.value), NAMES, CODE);
  readOptional(member("rego_version"), readRegoVersion);
  readOptional(member("file_rego_versions"), readFileRegoVersions);
  return {
    revision: readText(member("revision")),
    roots: readRoots(member("roots")),
    wasmEntrypoints: readOptional(member("wasm"), readResolvers) ?? [],
    policy: readMetadata(member("metadata")),
  };
}

const CODE: EngineErrorCode = "bundle.manifest";
const NAMES = ["revision", "roots", "wasm", "rego_version", "file_rego_versions", "metadata"] as const;

function readMetadata(field: Field): PolicyManifest {
  const metadata = readObject(field);
  const ours = Object.hasOwn(metadata, "cortexos") ? metadata["cortexos"] : undefined;
  return readPolicyManifest(rootField(CODE, `${field.at}.cortexos`, ours));
}

function readRoots(field: Field): readonly string[] {
  const roots = readList(field, CODE, (item) => readText(item).replaceAll(/^\/+|\/+$/g, ""));
  for (const [i, root] of roots.entries()) {
    if (roots.some((other, j) => i !== j && isBelow(other, root))) field.fail("roots that don't overlap");
  }
  return roots;
}

/** Whether a path below `data` is a root or lies under it. */
export function isBelow(path: string, root: string): boolean {
  return root === "" || path === root || path.startsWith(`${root}/`);
}

function readResolvers(field: Field): readonly string[] {
  const entrypoints = readList(field, CODE, (item) => {
    const member = readMembers(item, ["entrypoint", "module", "annotations"], CODE);
    readMatching(member("module"), /^\/?policy\.wasm$/, "/policy.wasm");
    return readText(member("entrypoint"));
  });
  return new Set(entrypoints).size === entrypoints.length ? entrypoints : field.fail("without an entrypoint twice");
}

function readRegoVersion(field: Field): 0 | 1 {
  return readChoice(field, [0, 1] as const);
}

function readFileRegoVersions(field: Field): void {
  for (const [path, version] of Object.entries(readObject(field)))
    readRegoVersion(rootField(CODE, `${field.at}[${JSON.stringify(path)}]`, version));
}
