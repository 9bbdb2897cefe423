import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  buildBundle,
  openNativeOpa,
  readPackTree,
  type BuiltBundle,
  type OpaSearch,
  type PackTree,
} from "@cortexos/compiler";

/** Which packs are measured, and from where. */
export interface PackBundleOptions {
  /** The folder of packs. */
  readonly policies: string;
  readonly packs: readonly string[];
  readonly opa: OpaSearch;
}

/**
 * Compiles some packs of a folder into a bundle of their own. What decides is `policies` as it lies there: no other data, no other rules.
 *
 * @throws CompilerError.
 */
export async function buildPacks({ policies, packs, opa }: PackBundleOptions): Promise<BuiltBundle> {
  return buildBundle(readPacks(policies, packs), { opa: await openNativeOpa(opa) });
}

/**
 * Reads some packs of a folder as a tree of their own.
 *
 * @throws CompilerError.
 */
export function readPacks(policies: string, packs: readonly string[]): PackTree {
  const root = mkdtempSync(join(tmpdir(), "cortexos-evals-"));
  try {
    for (const folder of ["lib", "schemas", ...packs]) {
      if (existsSync(join(policies, folder))) cpSync(join(policies, folder), join(root, folder), { recursive: true });
    }
    writeFileSync(join(root, "bundle.json"), JSON.stringify(manifestOf(packs)));
    return readPackTree(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function manifestOf(packs: readonly string[]): unknown {
  return {
    revision: 1,
    require_allow: true,
    packs,
    payloads: [{ subjects: "agent.*.tool.*", format: "json" }],
  };
}
