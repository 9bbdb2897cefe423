import { BUNDLE_PATHS, readBundle, type Bundle } from "./bundle.ts";
import { EngineError } from "./errors.ts";
import { openProgram } from "./program.ts";
import { verifyBundle } from "./signature.ts";
import type { TrustedKey } from "./signing-key.ts";
import { createWasmEvaluator } from "./wasm-evaluator.ts";
import type { Evaluator, Tier } from "./evaluator.ts";
import { openPlan } from "./plan-evaluator.ts";

/** Whose bundles are believed: those that one of the keys signed, or, said in so many words, unsigned ones. */
export type BundleTrust =
  | { readonly trustedKeys: readonly TrustedKey[]; readonly unsigned?: never }
  | { readonly unsigned: "accept"; readonly trustedKeys?: never };

/** What a bundle must be to be opened. */
export type OpenOptions = BundleTrust & {
  /** The clock, in nanoseconds since 1970. */
  readonly nowNs: bigint;
  /** Oldest revision that is not refused; any when absent. */
  readonly revisionMin?: number;
  /** How to evaluate, where it matters: tests and benchmarks. Otherwise the plan when the bundle has one. */
  readonly tier?: Tier;
};

/** A bundle that was verified and whose policy can be evaluated. */
export interface OpenBundle extends Bundle {
  /** Id of the key that signed it; `undefined` when it was accepted unsigned. */
  readonly signedBy: string | undefined;
  readonly evaluator: Evaluator;
  /** RFC 6901 pointers of the parts of the input that can influence a decision, as the plan shows; `[""]` without one. */
  readonly reads: readonly string[];
}

/**
 * Reads, verifies and loads a bundle. Nothing of it is believed before its signature is.
 *
 * @param bytes - a `.tar.gz`; not changed.
 * @throws EngineError with the code of the first thing that is wrong. Never anything else, whatever the bytes.
 */
export function openBundle(bytes: Uint8Array, options: OpenOptions): OpenBundle {
  const bundle = readBundle(bytes);
  const signedBy = verify(bundle, options);
  checkRevision(bundle, options.revisionMin);
  checkValidity(bundle, options.nowNs);
  // Whichever tier is to run, policy.wasm must be loadable: a bundle is good for every way in or for none.
  const { program, instance } = openProgram(bundle);
  const plan = bundle.files.get(BUNDLE_PATHS.plan);
  if (plan === undefined && options.tier === "plan") throw new EngineError("bundle.content", "plan.json: missing");
  const wasm = (): Evaluator => createWasmEvaluator(program, instance);
  if (plan === undefined) return { ...bundle, signedBy, evaluator: wasm(), reads: [""] };
  const { evaluator, reads } = openPlan({ plan, data: program.data, entrypoint: program.entrypoint });
  return { ...bundle, signedBy, evaluator: options.tier === "wasm" ? wasm() : evaluator, reads };
}

function verify(bundle: Bundle, trust: BundleTrust): string | undefined {
  // No keys at all is a mistake of configuration, and must not read as "no verification".
  if (trust.trustedKeys !== undefined) return verifyBundle(bundle.files, trust.trustedKeys);
  if (trust.unsigned !== "accept") throw new EngineError("bundle.signature", "no trusted keys are configured");
  if (bundle.signed) throw new EngineError("bundle.signature", "signed, but no trusted keys are configured");
  return undefined;
}

function checkRevision({ manifest }: Bundle, revisionMin: number | undefined): void {
  const { revision } = manifest.policy;
  if (revisionMin !== undefined && !(revision >= revisionMin))
    throw new EngineError("bundle.revision", `revision ${revision} is older than ${revisionMin}`);
}

function checkValidity({ manifest }: Bundle, nowNs: bigint): void {
  const { not_before_ns: notBeforeNs, not_after_ns: notAfterNs } = manifest.policy;
  if (notBeforeNs !== undefined && nowNs < BigInt(notBeforeNs))
    throw new EngineError("bundle.validity", `not valid before ${notBeforeNs}`);
  if (notAfterNs !== undefined && nowNs > BigInt(notAfterNs))
    throw new EngineError("bundle.validity", `not valid after ${notAfterNs}`);
}
