import type { Decision } from "@cortexos/protocol";
import type { Logger } from "./logger.ts";

/** Most refusals logged in a second. An agent that is refused a million times must not fill a disk. */
const REFUSALS_PER_SECOND_MAX = 50;

/** Logs decisions: each one at `debug`, refusals at `info` as long as they are few; how many were left out is said. */
export interface DecisionLog {
  decided(subject: string, decision: Decision, context: { readonly connection: string; readonly tookMs: number }): void;
}

export function createDecisionLog(log: Logger, nowMs: () => number): DecisionLog {
  let windowStartMs = 0;
  let loggedCount = 0;
  let omittedCount = 0;
  return {
    decided: (subject, decision, { connection, tookMs }) => {
      const refused = decision.outcome !== "ALLOW" && decision.outcome !== "ALLOW_MOD";
      if (!log.isLevelEnabled(refused ? "info" : "debug")) return;
      const { outcome, decision_id: id, rule_ids: rules } = decision;
      const fields = { connection, decision: id, outcome, subject, rules, tookMs: Number(tookMs.toFixed(3)) };
      if (!refused || log.isLevelEnabled("debug")) log.debug(fields, "decided");
      if (refused && mayLog()) log.info(fields, "not released");
    },
  };

  function mayLog(): boolean {
    const now = nowMs();
    if (now - windowStartMs >= 1_000) {
      if (omittedCount > 0) log.info({ omittedCount }, "more messages were not released");
      windowStartMs = now;
      loggedCount = 0;
      omittedCount = 0;
    }
    loggedCount++;
    if (loggedCount <= REFUSALS_PER_SECOND_MAX) return true;
    omittedCount++;
    return false;
  }
}
