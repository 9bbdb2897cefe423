import { isReleasing, type Decision } from "@cortexos/protocol";
import { createLogAllowance } from "./log-allowance.ts";
import type { Logger } from "./logger.ts";

/** Most refusals logged in a second. An agent that is refused a million times must not fill a disk. */
const REFUSALS_PER_SECOND_MAX = 50;

/** Logs decisions: each one at `debug`, refusals at `info` as long as they are few; how many were left out is said. */
export interface DecisionLog {
  decided(subject: string, decision: Decision, context: { readonly connection: string; readonly tookMs: number }): void;
}

/** @param nowMs - a clock that never steps back. */
export function createDecisionLog(log: Logger, nowMs: () => number): DecisionLog {
  const allowance = createLogAllowance(REFUSALS_PER_SECOND_MAX, nowMs, (omittedCount) => {
    log.info({ omittedCount }, "more messages were not released");
  });
  // Levels don't change while we run, and asking costs more than the rest.
  const logsAll = log.isLevelEnabled("debug");
  const logsRefusals = log.isLevelEnabled("info");
  return {
    decided: (subject, decision, { connection, tookMs }) => {
      const isRefused = !isReleasing(decision.outcome);
      if (!logsAll && !(isRefused && logsRefusals)) return;
      // Never the reason: a rule may have put a part of the payload into it.
      const { outcome, decision_id: id, rule_ids: rules } = decision;
      const fields = { connection, decision: id, outcome, subject, rules, tookMs: Number(tookMs.toFixed(3)) };
      log.debug(fields, "decided");
      if (isRefused && allowance.take()) log.info(fields, "not released");
    },
  };
}
