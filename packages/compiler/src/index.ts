export { buildBundle, type BuildOptions, type BuiltBundle } from "./build-bundle.ts";
export { checkFile, type LooseFile } from "./check-file.ts";
export { checkHouseRules, checkPacks, type CheckedPacks } from "./check-packs.ts";
export { COMPILER_ERRORS, CompilerError, isCompilerError, type CompilerErrorCode } from "./compiler-error.ts";
export { formatDiagnostic, type Diagnostic } from "./diagnostic.ts";
export { findOpa, type OpaSearch } from "./find-opa.ts";
export { ENTRYPOINT, MAIN_PATH, ruleIdOf, type RulePackage } from "./main-module.ts";
export { openNativeOpa } from "./native-opa.ts";
export { OPA_MS_MAX, OPA_OUTPUT_BYTES_MAX } from "./opa-process.ts";
export { readPackTree, SOURCE_BYTES_MAX, TREE_FILES_MAX, type Pack, type PackTree } from "./pack-tree.ts";
export { rulesTable } from "./rules-table.ts";
export { generateSigningKeys, readSigningKey, readTrustedKey, type GeneratedKeys } from "./signing-keys.ts";
export { testPacks, type PackTestOptions, type PackTestReport } from "./test-packs.ts";
export type { PackManifest, TreeManifest } from "./tree-manifest.ts";
// For whoever brings another OPA, for example one compiled to WebAssembly.
export type {
  CompiledRego,
  OpaBackend,
  ParsedRego,
  RegoFileCoverage,
  RegoSource,
  RegoTestResult,
  RegoTestRun,
  RegoTree,
  RegoVersion,
} from "./opa-backend.ts";
export type { Fields } from "./json-access.ts";
export type { PackageMetadata, RegoModule, RegoPlace, RegoRule, RegoRuleKind } from "./rego-module.ts";
