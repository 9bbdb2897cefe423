import type { AuditRecord, Decision, Evaluation, Input, Message, PolicyManifest, Principal } from "@cortexos/protocol";

/** A value now or later. In-memory stores answer at once, so that a decision needs no turn of the event loop. */
export type MaybePromise<T> = T | PromiseLike<T>;

/** The clock of the composition root. */
export interface Clock {
  /** Nanoseconds since 1970; strictly increasing within a process, so that no two inputs are alike. */
  nowNs(): bigint;
}

/** Timers of the composition root. */
export interface Timers {
  /** Resolves after `delayMs`, or rejects with the signal's reason. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** A policy that can be asked. Replaced as a whole, never changed. */
export interface ActivePolicy {
  /** `sha256:<hex>` of the bundle's contents. */
  readonly digest: string;
  readonly manifest: PolicyManifest;
  /** Name and version of the evaluator's semantics, the same for every tier. */
  readonly engine: string;
  /**
   * RFC 6901 pointers of the parts of the input that can influence a decision, derived soundly from the plan; `[""]` is everything.
   * A decision may be reused for inputs that agree on them.
   */
  readonly reads: readonly string[];
  /**
   * Never throws; a failure is a value that becomes DENY.
   *
   * @param canonicalText - the canonical JSON of `input`, where the caller has it: an evaluator that needs text doesn't make its own.
   */
  evaluate(input: Input, canonicalText?: string): Evaluation;
}

/** Where the current policy comes from. */
export interface PolicySource {
  /** The policy for a decision that begins now; `undefined` when there is none, which is DENY. */
  current(): ActivePolicy | undefined;
}

export interface ThrottleRequest {
  /** Scoped by tenant: `<tenant>/<key>`, parts escaped by the kernel. All requests of one call are of one tenant. */
  readonly key: string;
  readonly rate: number;
  readonly burst: number;
  readonly windowMs: number;
}

export interface ThrottleAnswer {
  readonly admitted: boolean;
  readonly retryAfterMs: number;
  readonly remaining: number;
}

/** Rate limits by GCRA on the store's clock. */
export interface ThrottleStore {
  /** Takes one token from every bucket or from none. Answers in the order asked. */
  take(requests: readonly ThrottleRequest[]): MaybePromise<readonly ThrottleAnswer[]>;
}

/** Whose budgets are spent: a limit stands for a tenant, an agent of it, or one run of an agent. */
export interface BudgetOwner {
  readonly tenant: string;
  /** Id of the principal. */
  readonly agent: string;
  /** Id of the session. */
  readonly run: string;
}

/** Micro-units of one scope; a safe integer, 0 or more. */
export interface BudgetAmount {
  readonly scope: string;
  readonly amount: number;
}

/** Budgets in two phases: reserve, then commit or void. Integers in micro-units. */
export interface BudgetStore {
  /** Reserves all amounts or none, once for each `reservationId` of a tenant. */
  reserve(
    reservationId: string,
    amounts: readonly BudgetAmount[],
    owner: BudgetOwner,
  ): MaybePromise<{ readonly reserved: boolean; readonly scope?: string }>;
  commit(reservationId: string, owner: BudgetOwner): MaybePromise<void>;
  void(reservationId: string, owner: BudgetOwner): MaybePromise<void>;
  /** Scopes that apply to a principal, for `input.budget_state`. */
  state(principal: Principal, run: string): MaybePromise<Input["budget_state"]>;
}

export type HoldStatus = "waiting" | "approved" | "denied" | "expired" | "released";

/** A parked message that waits for an approval. */
export interface Hold {
  /** The decision id of the decision that parked it. */
  readonly id: string;
  readonly decision: Decision;
  /** The message as it would be released, after patches. */
  readonly message: Message;
  /** The input it was decided on. */
  readonly input: Input;
  /** `sha256:<hex>` of the canonical frame: what an approver sees is what is released. */
  readonly frameSha256: string;
  readonly requester: Principal;
  readonly approvals: readonly { readonly by: string; readonly atNs: string }[];
  readonly status: HoldStatus;
}

/** Approvals. Every change is one atomic step; a hold leaves `waiting` once. */
export interface HoldStore {
  /** `full` when a bound is reached, which is DENY. */
  park(hold: Hold): MaybePromise<"parked" | "full">;
  get(id: string): MaybePromise<Hold | undefined>;
  /** Oldest first, at most `countMax`. */
  list(countMax: number): MaybePromise<readonly Hold[]>;
  /** Adds an approval, and moves to `approved` when the quorum is reached. */
  approve(id: string, by: Principal, atNs: string): MaybePromise<HoldChange>;
  deny(id: string, by: Principal, atNs: string): MaybePromise<HoldChange>;
  /** Moves `approved` to `released`, once: the second caller is refused. */
  claimRelease(id: string): MaybePromise<boolean>;
  /** Moves what has expired at `nowNs` to `expired` and gives it back. */
  expire(nowNs: string): MaybePromise<readonly Hold[]>;
}

export type HoldChange =
  | { readonly ok: true; readonly hold: Hold }
  | { readonly ok: false; readonly code: HoldRefusal; readonly reason: string };

export const HOLD_REFUSALS = [
  "approval.unknown",
  "approval.not_waiting",
  "approval.expired",
  "approval.requester",
  "approval.role",
  "approval.repeated",
] as const;

export type HoldRefusal = (typeof HOLD_REFUSALS)[number];

/** Where records go. */
export interface RecordSink {
  /**
   * Resolves (or returns) when the record is as strong as its durability asks; rejects when it can't be, and then nothing is
   * released. Appends made meanwhile travel together. An error whose `code` is `record.too_big` is about the record alone. What refuses may be written
   * without its payload then ({@link withoutPayload}).
   */
  append(record: AuditRecord): MaybePromise<void>;
}
