import type { JsonValue } from "./json-value.ts";
import type { Outcome } from "./outcome.ts";

/** What an approver must be for a held message, and until when. */
export interface HoldTerms {
  readonly approvers: string;
  readonly quorum: number;
  /** Nanoseconds since 1970, as a decimal string. */
  readonly expires_at_ns: string;
}

/** How a throttled message may be tried again. */
export interface ThrottleState {
  readonly key: string;
  readonly retry_after_ms: number;
  readonly remaining: number;
}

/** What was changed in the message before it was released (ALLOW_MOD), in application order. */
export interface AppliedPatch {
  readonly topic?: string;
  readonly set: Readonly<Record<string, JsonValue>>;
  readonly remove: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The one outcome for a message. Pure data, serialised as canonical JSON: the same input, bundle and store answers give the same
 * bytes in every way in (design §5).
 */
export interface Decision {
  /** First 16 bytes of SHA-256 over bundle digest and input digest, lower-case hex. */
  readonly decision_id: string;
  readonly outcome: Outcome;
  /** Sorted, without duplicates. */
  readonly rule_ids: readonly string[];
  readonly reason: string;
  /** `sha256:<hex>` of the bundle that was current when evaluation began; empty when there was none. */
  readonly bundle_digest: string;
  /** `sha256:<hex>` of the canonical JSON of the input as it was first built, before any patch: the one that is logged. */
  readonly input_digest: string;
  readonly engine: string;
  /** `now_ns` of the input. */
  readonly evaluated_at: string;
  readonly hold?: HoldTerms;
  readonly throttle?: ThrottleState;
  readonly patch?: AppliedPatch;
}
