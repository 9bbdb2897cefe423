/** One row per failure that a caller can act on. The key is stable; never reuse one. All of them end in DENY. */
export const STORES_ERRORS = {
  "budget.amount": { retryable: false, remedy: "settle in whole micro-units, and only scopes that were reserved" },
  "budget.conflict": { retryable: false, remedy: "give each reservation an id of its own" },
  "budget.limits": { retryable: false, remedy: "mend the named budget limit" },
  "budget.resolved": { retryable: false, remedy: "a reservation is committed or voided once" },
  "budget.unknown": { retryable: false, remedy: "reserve first; old reservations are forgotten" },
  "hold.exists": { retryable: false, remedy: "give each hold an id of its own" },
  "hold.terms": { retryable: false, remedy: "a hold needs approvers, a quorum of 1 or more and an expiry" },
  "record.too_big": {
    retryable: false,
    remedy: "lower payload limits, or raise the sink's record limit and the server's max_payload",
  },
  "sink.away": { retryable: true, remedy: "bring the record sink's target back" },
  "sink.closed": { retryable: false, remedy: "append before the sink is closed" },
  "sink.failed": {
    retryable: false,
    remedy: "check the target's disk and restart: durability can't be proven any more",
  },
  "sink.fenced": {
    retryable: false,
    remedy: "another process writes under this writer's name: give each one of its own, and restart",
  },
  "sink.full": { retryable: true, remedy: "the target is slower than the traffic, or full" },
  "sink.refused": { retryable: true, remedy: "read the cause: the target did not take the batch as it must" },
  "sink.timeout": { retryable: true, remedy: "the target did not acknowledge in time" },
  "store.away": { retryable: true, remedy: "bring Redis or JetStream back, and check the way to it" },
  "store.contended": { retryable: true, remedy: "too many processes change one bucket at once: use Redis" },
  "store.damaged": {
    retryable: false,
    remedy: "what is stored is not what was written: find out who else writes there",
  },
  "store.refused": { retryable: true, remedy: "read the cause: out of memory, not the primary, no rights" },
  "store.rewound": {
    retryable: false,
    remedy: "the store lost acknowledged writes: rebuild what it held before it is used again",
  },
  "store.unsafe": { retryable: false, remedy: "mend the named settings of Redis" },
  "stream.unavailable": {
    retryable: true,
    remedy: "check that JetStream is on and that the user may make and read the stream",
  },
  "stream.unsafe": { retryable: false, remedy: "mend the named settings of the stream" },
} as const;

/** Stable code of a {@link StoresError}. */
export type StoresErrorCode = keyof typeof STORES_ERRORS;

/** A store could not do what was asked. A full throttle or a refused budget is an answer, never an error. */
export class StoresError extends Error {
  override readonly name = "StoresError";
  readonly code: StoresErrorCode;

  constructor(code: StoresErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Works across two installed copies of this package, where `instanceof` does not. */
export function isStoresError(value: unknown): value is StoresError {
  return value instanceof Error && value.name === "StoresError" && "code" in value;
}

/** The text of whatever was thrown, in one line. */
export function reasonText(reason: unknown): string {
  return (reason instanceof Error ? reason.message : typeof reason).replaceAll(/\s+/g, " ");
}
