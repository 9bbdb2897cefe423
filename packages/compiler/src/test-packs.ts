import { regoError } from "./build-bundle.ts";
import { atOrigin, checkPacks } from "./check-packs.ts";
import type { OpaBackend, RegoFileCoverage, RegoTestResult } from "./opa-backend.ts";
import { isTestPath, type PackTree } from "./pack-tree.ts";

/** What came of a tree's tests. */
export interface PackTestReport {
  readonly results: readonly RegoTestResult[];
  /** By file, tests and the generated `cortexos.main` apart; empty unless asked for and all tests passed. */
  readonly coverage: readonly RegoFileCoverage[];
}

/** Which tests, and whether coverage is measured. */
export interface PackTestOptions {
  readonly coverage: boolean;
  /** Regular expression over a test's package and name. */
  readonly pattern?: string;
}

/**
 * Runs the tests of a tree with OPA. A failing test is a value.
 *
 * @throws CompilerError `compiler.rego` when the tree doesn't compile, and whatever the backend throws.
 */
export async function testPacks(tree: PackTree, opa: OpaBackend, options: PackTestOptions): Promise<PackTestReport> {
  const checked = await checkPacks(tree, opa);
  if (checked.diagnostics.length > 0) throw regoError(checked.diagnostics);
  const run = await opa.test(tree.sources, options);
  if (!run.ok) throw regoError(run.diagnostics.map((diagnostic) => atOrigin(tree, diagnostic)));
  const origin = (file: string): string => tree.origins.get(file) ?? file;
  return {
    results: run.results.map((result) => ({ ...result, file: origin(result.file) })),
    coverage: run.coverage
      .filter(({ file }) => !isTestPath(file))
      .map((covered) => ({ ...covered, file: origin(covered.file) })),
  };
}
