import type { Decision, Outcome } from "@cortexos/protocol";
import { describe, expect, it } from "vitest";
import type { LogLevel } from "./config/sidecar-config.ts";
import { createLogger } from "./logger.ts";
import { createDecisionLog, type DecisionLog } from "./decision-log.ts";

function decision(outcome: Outcome): Decision {
  return {
    decision_id: "d-1",
    outcome,
    rule_ids: ["demo.rule"],
    reason: "mentions the canary-payload",
    bundle_digest: "sha256:b",
    input_digest: "sha256:i",
    engine: "test",
    evaluated_at: "1",
  };
}

describe("createDecisionLog", () => {
  let nowMs = 0;
  let lines: Record<string, unknown>[] = [];

  function create(level: LogLevel): DecisionLog {
    nowMs = 1_000;
    lines = [];
    const log = createLogger(level, { write: (line) => void lines.push(JSON.parse(line)) });
    return createDecisionLog(log, () => nowMs);
  }
  const context = { connection: "c-1", tookMs: 0.123_456 };

  it("logs refusals at info and nothing that a rule may have copied from a payload", () => {
    const log = create("info");
    log.decided("a.b", decision("ALLOW"), context);
    log.decided("a.b", decision("DENY"), context);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level: "info",
      outcome: "DENY",
      subject: "a.b",
      decision: "d-1",
      rules: ["demo.rule"],
      connection: "c-1",
      tookMs: 0.123,
    });
    expect(JSON.stringify(lines)).not.toContain("canary");
  });

  it("logs every decision at debug", () => {
    const log = create("debug");
    for (const outcome of ["ALLOW", "ALLOW_MOD", "DENY"] as const) log.decided("a", decision(outcome), context);
    expect(lines.map(({ level, outcome }) => `${String(level)} ${String(outcome)}`)).toEqual([
      "debug ALLOW",
      "debug ALLOW_MOD",
      "debug DENY",
      "info DENY",
    ]);
  });

  it("logs a flood of refusals in part and says how many it left out", () => {
    const log = create("info");
    for (let i = 0; i < 1_050; i++) log.decided("a", decision("DENY"), context);
    expect(lines).toHaveLength(50);
    nowMs += 1_000;
    log.decided("a", decision("DENY"), context);
    expect(lines.slice(50)).toMatchObject([{ omittedCount: 1_000 }, { outcome: "DENY" }]);
  });
});
