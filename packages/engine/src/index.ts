export { createPolicyHolder, type Offer, type PolicyHolder, type PolicyHolderOptions } from "./policy-holder.ts";
export { createPolicy, ENGINE, type Policy } from "./policy.ts";
export { openBundle, type BundleTrust, type OpenBundle, type OpenOptions } from "./load.ts";
export type { BundleManifest } from "./manifest.ts";
export { ENGINE_ERRORS, EngineError, isEngineError, type EngineErrorCode } from "./errors.ts";

// Making bundles.
export { BUNDLE_PATHS, digestBundle, readBundle, writeBundle, type Bundle } from "./bundle.ts";
export {
  ARCHIVE_BYTES_MAX,
  ARCHIVE_FILE_BYTES_MAX,
  ARCHIVE_FILES_MAX,
  ARCHIVE_INFLATED_BYTES_MAX,
  readArchive,
  writeArchive,
  type BundleFiles,
} from "./archive.ts";
export { signBundle, verifyBundle } from "./signature.ts";
export { SIGNATURE_ALGORITHMS, type SignatureAlgorithm, type SigningKey, type TrustedKey } from "./signing-key.ts";
export { REFUSED_BUILTINS } from "./host-builtins.ts";

// How an evaluation is judged.
export { INPUT_BYTES_MAX, INPUT_DEPTH_MAX, type Evaluator, type RawResult, type Tier } from "./evaluator.ts";
export type { PreparedInput } from "./prepared-input.ts";
export { FINDINGS_MAX, readFindings } from "./findings.ts";
export {
  FINDING_DEFAULTS,
  FINDING_NUMBER_MAX,
  FINDING_SET_CHARS_MAX,
  FINDING_TEXT_CHARS_MAX,
} from "./finding-fields.ts";
export { POLICY_MEMORY_BYTES_MAX, POLICY_MEMORY_GROWTH_BYTES_MAX } from "./wasm-memory.ts";

// Any OPA plan, on its own.
export {
  createPlanEvaluator,
  type EvaluateOptions,
  type PlanEvaluator,
  type PlanEvaluatorOptions,
} from "./plan/evaluator.ts";
export { PLAN_ERRORS, PlanError, type PlanErrorCode } from "./plan/plan-error.ts";
export { deriveReads, type PlanReads } from "./plan/reads/derive-reads.ts";
