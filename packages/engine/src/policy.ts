import type { Evaluation, Input, PolicyManifest } from "@cortexos/protocol";
import { readFindings } from "./findings.ts";
import type { OpenBundle } from "./load.ts";
import { prepareInput } from "./prepared-input.ts";

/** Name and version of the semantics of evaluation: Rego as OPA has it. The same for every tier; part of every decision. */
export const ENGINE = "cortexos-rego/1";

/** A policy that can be asked. Replaced as a whole, never changed. What the kernel takes as its active policy. */
export interface Policy {
  /** `sha256:<hex>` of the bundle's contents. */
  readonly digest: string;
  readonly manifest: PolicyManifest;
  /** {@link ENGINE}. */
  readonly engine: string;
  /** RFC 6901 pointers of the parts of the input that can influence a decision; `[""]` is everything. */
  readonly reads: readonly string[];
  /**
   * Evaluates the bundle's entrypoint. Never throws; a failure is a value that becomes DENY, and doesn't touch the next evaluation.
   *
   * @param canonicalText - `canonicalJson(input)`, when the caller has it already.
   */
  evaluate(input: Input, canonicalText?: string): Evaluation;
}

/** Makes a policy of an open bundle. */
export function createPolicy(bundle: OpenBundle): Policy {
  const { digest, manifest, evaluator, reads } = bundle;
  return {
    digest,
    manifest: manifest.policy,
    engine: ENGINE,
    reads,
    evaluate(input, canonicalText) {
      const prepared = prepareInput(input, canonicalText);
      if (typeof prepared === "string") return { ok: false, code: "evaluation.input", reason: prepared };
      return readFindings(evaluator.evaluate(prepared));
    },
  };
}
