/**
 * The five answers of the gate, strictest first (design §5). The order is the order of combination:
 * the first of them that any finding asks for is the outcome.
 */
export const OUTCOMES = ["DENY", "REQUIRE_HUMAN", "THROTTLE", "ALLOW_MOD", "ALLOW"] as const;

/** One of the five answers. Exhaustive: there is no sixth outcome and no `undefined`. */
export type Outcome = (typeof OUTCOMES)[number];

/** Whether a message with this outcome may go on to the bus now. */
export function isReleasing(outcome: Outcome): boolean {
  return outcome === "ALLOW" || outcome === "ALLOW_MOD";
}
