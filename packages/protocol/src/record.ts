import type { Decision } from "./decision.ts";
import type { Input } from "./input.ts";

/** What a throttle or budget store answered while a message was decided; with it a decision can be computed again. */
export interface StoreAnswers {
  readonly throttles: readonly {
    readonly key: string;
    readonly admitted: boolean;
    readonly retry_after_ms: number;
    readonly remaining: number;
  }[];
  readonly budgets: readonly { readonly scope: string; readonly amount: number; readonly reserved: boolean }[];
}

/**
 * One audit entry. Every release has exactly one `decision` record written before it; `outcome` records say what became of it.
 * One record may stand for a run of messages of one connection that were decided alike (`run`).
 */
export type AuditRecord = DecisionRecord | OutcomeRecord | ApprovalRecord | ViolationRecord | LifecycleRecord;

interface RecordBase {
  readonly schema: "cortexos.record/1";
  /** Unique id of this record: `<writer>/<epoch>/<sequence>`. */
  readonly record_id: string;
  /** Nanoseconds since 1970, as a decimal string. */
  readonly at_ns: string;
  /** Who wrote it: sidecar id and connection id. */
  readonly origin: { readonly writer: string; readonly connection: string };
}

export interface DecisionRecord extends RecordBase {
  readonly type: "decision";
  readonly decision: Decision;
  /** The input that gave the decision: the original one, before any patch. */
  readonly input: Input;
  readonly answers: StoreAnswers;
  /** Time from the message's last byte to the decision, in nanoseconds; not part of what is computed again. */
  readonly took_ns: number;
  /** `sha256:<hex>` of the canonical frame that is released: subject, reply, headers, payload. Empty when refused. */
  readonly frame_sha256: string;
  /** `durable` unless the bundle declares the subject `buffered`. */
  readonly durability: RecordDurability;
  /**
   * Present when the record of a refusal would have been longer than its sink takes: `sha256:<hex>` of the canonical JSON of what was left out of the
   * input. The payload is `null` then, and the action isn't there. Such a decision can't be computed again from its record.
   */
  readonly omitted?: { readonly payload: string; readonly action?: string };
  /** Present when parts of the input were redacted before it was stored: pointers under the payload, and `header <name>`. */
  readonly redactions?: readonly string[];
  /** Present when the record stands for more than one message; the digest is over their frames, concatenated. */
  readonly run?: { readonly count: number; readonly bytes: number };
  /** Present when a human approved: the hold this release ends. */
  readonly approval?: { readonly hold_id: string; readonly approved_by: readonly string[] };
}

export interface OutcomeRecord extends RecordBase {
  readonly type: "outcome";
  readonly decision_id: string;
  readonly result: "released" | "expired" | "failed" | "unknown";
}

export interface ApprovalRecord extends RecordBase {
  readonly type: "approval";
  readonly hold_id: string;
  readonly verdict: "approve" | "deny" | "expire";
  readonly by: string;
}

export interface ViolationRecord extends RecordBase {
  readonly type: "violation";
  /** Code of the protocol error, for example `wire.control_line`. */
  readonly code: string;
  readonly reason: string;
}

export interface LifecycleRecord extends RecordBase {
  readonly type: "lifecycle";
  readonly event: "start" | "stop" | "bundle_activated" | "bundle_refused";
  readonly detail: string;
}

/** How strong a record must be before its message is released (design §3). There is no `none`. */
export type RecordDurability = "durable" | "buffered";
