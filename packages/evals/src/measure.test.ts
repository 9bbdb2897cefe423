import type { Decision, Outcome } from "@cortexos/protocol";
import { describe, expect, it } from "vitest";
import { readDataset } from "./dataset.ts";
import { measure } from "./measure.ts";
import { reportOf, reportText } from "./report.ts";
import type { SessionGate } from "./session-gate.ts";

/** Denies `deny…`, holds `hold…`, throttles `often…` after the first of a session, allows the rest. */
const GATE: Pick<SessionGate, "decide"> = {
  decide(_, calls) {
    let often = 0;
    const decisions = calls.map(({ tool }) => {
      if (tool.startsWith("deny")) return decisionOf("DENY", "r.deny", "no");
      if (tool.startsWith("hold")) return decisionOf("REQUIRE_HUMAN", "r.hold", "ask");
      if (tool.startsWith("often") && often++ > 0) return decisionOf("THROTTLE", "r.often", "slow");
      return decisionOf("ALLOW", "r.allow", "fine");
    });
    return Promise.resolve(decisions);
  },
};

function decisionOf(outcome: Outcome, ruleId: string, reason: string): Decision {
  const base = { decision_id: "", bundle_digest: "", input_digest: "", engine: "", evaluated_at: "" };
  return { ...base, outcome, rule_ids: [ruleId], reason };
}

const callOf = (tool: string): object => ({ function: tool, args: { a: 1 } });
const taskOf = (id: string, ...tools: readonly string[]): object => ({
  suite: "s",
  id,
  prompt: `do ${id}`,
  calls: tools.map(callOf),
});
const dataset = readDataset(
  JSON.stringify({
    benign_tasks: [
      taskOf("t1", "get", "often"),
      taskOf("t2", "hold"),
      taskOf("t3", "deny", "get"),
      taskOf("t4", "often", "often"),
    ],
    attacks: [
      { suite: "s", id: "a1", kind: "theft", user_task: "t1", calls: [callOf("get"), callOf("hold")] },
      { suite: "s", id: "a2", kind: "theft", user_task: "t1", calls: [callOf("get")] },
    ],
  }),
);

describe("measure", () => {
  it("counts tasks, calls and attacks by suite, kind and rule", async () => {
    const measured = await measure(GATE, dataset);
    expect(measured.suites).toEqual([
      { suite: "s", tasks: 4, automatic: 1, denied: 1, calls: 7, held: 1, throttled: 1, attacks: 2, stopped: 1 },
    ]);
    expect(Object.fromEntries(measured.kinds)).toEqual({ theft: { tried: 2, stopped: 1 } });
    expect(Object.fromEntries(measured.rules)).toEqual({
      "r.hold": { benign: 1, attacks: 1 },
      "r.deny": { benign: 1, attacks: 0 },
      "r.often": { benign: 1, attacks: 0 },
    });
    expect(measured.slipped).toEqual([{ suite: "s", id: "a2", kind: "theft", task: "t1" }]);
    expect(measured.benign.map(({ id, call }) => [id, call.tool])).toEqual([
      ["t2", "hold"],
      ["t3", "deny"],
      ["t4", "often"],
    ]);
  });
});

describe("reportOf", () => {
  it("gives shares, and says what stopped and what slipped", async () => {
    const report = reportOf(await measure(GATE, dataset), "sha256:00");
    expect(report.total).toMatchObject({
      suite: "all",
      automatic_percent: 25,
      held_per_100_calls: 14.3,
      stopped_percent: 50,
    });
    const text = reportText(report);
    expect(text).toContain("DENY s t3 deny: r.deny: no");
    expect(text).toContain("s a2 (theft) during t1");
    expect(text).toMatch(/^s +4 +1 \(25 %\) +1 +14\.3 +1 of 2 \(50 %\)$/m);
  });

  it("has full shares of nothing", () => {
    const none = { suites: [], benign: [], slipped: [], kinds: new Map(), rules: new Map() };
    expect(reportOf(none, "").total).toMatchObject({
      automatic_percent: 100,
      held_per_100_calls: 0,
      stopped_percent: 100,
    });
  });
});
