import { EngineError, isEngineError, messageOf, type EngineErrorCode } from "./errors.ts";
import { openBundle, type BundleTrust } from "./load.ts";
import { createPolicy, type Policy } from "./policy.ts";
import { warmUp } from "./warm-up.ts";

/** What became of an offered bundle. */
export type Offer =
  | { readonly accepted: true; readonly digest: string; readonly revision: number }
  | { readonly accepted: false; readonly code: EngineErrorCode; readonly reason: string };

/** Holds the current policy. A refused bundle leaves the last good one in place, also when that one's validity has ended since. */
export interface PolicyHolder {
  /** The policy for a decision that begins now; `undefined` when there was never a good bundle, which is DENY. */
  current(): Policy | undefined;
  /**
   * Replaces the current policy when the bundle can be opened and isn't older. Never throws; a refusal is for the caller to raise an
   * alarm about.
   */
  offer(bytes: Uint8Array): Offer;
}

/** How offered bundles are judged. */
export interface PolicyHolderOptions {
  readonly trust: BundleTrust;
  /** The clock, in nanoseconds since 1970. */
  readonly nowNs: () => bigint;
  /** Oldest revision of the first bundle, as it was remembered; any when absent. */
  readonly revisionMin?: number;
}

export function createPolicyHolder(options: PolicyHolderOptions): PolicyHolder {
  let current: Policy | undefined;
  return {
    current: () => current,
    offer(bytes) {
      try {
        const revisionMin = current?.manifest.revision ?? options.revisionMin;
        const limits = { nowNs: options.nowNs(), ...(revisionMin === undefined ? {} : { revisionMin }) };
        const bundle = openBundle(bytes, { ...options.trust, ...limits });
        const policy = createPolicy(bundle);
        warmUp(policy);
        // One assignment: a decision sees the old policy or the new one, whole.
        current = policy;
        return { accepted: true, digest: policy.digest, revision: policy.manifest.revision };
      } catch (reason) {
        const error = isEngineError(reason) ? reason : new EngineError("bundle.content", messageOf(reason));
        return { accepted: false, code: error.code, reason: error.message };
      }
    },
  };
}
