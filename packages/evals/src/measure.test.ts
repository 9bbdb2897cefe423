import type { ActivePolicy } from "@cortexos/kernel";
import type { Finding, Input } from "@cortexos/protocol";
import { describe, expect, it } from "vitest";
import { readDataset } from "./dataset.ts";
import { decideCalls } from "./decide-calls.ts";
import { measure } from "./measure.ts";
import { reportOf, reportText } from "./report.ts";

/** Denies `deny…`, holds `hold…`, throttles `often…` after the first, allows the rest; keeps what it was asked. */
function policyOf(seen: Input[] = []): ActivePolicy {
  return {
    digest: "sha256:00",
    engine: "fake/1",
    reads: [""],
    manifest: {
      format: 1,
      revision: 1,
      entrypoint: "x",
      require_allow: true,
      modifiable: [],
      payloads: [{ subjects: "agent.*.tool.*", format: "json" }],
      records: [],
      strict_order: [],
      builtins: [],
    },
    evaluate(input) {
      seen.push(input);
      return { ok: true, findings: findingsOf(input.action?.tool ?? "") };
    },
  };
}

function findingsOf(tool: string): readonly Finding[] {
  const allow: Finding = { effect: "allow", id: "r.allow", reason: "fine" };
  if (tool.startsWith("deny")) return [allow, { effect: "deny", id: "r.deny", reason: "no" }];
  if (tool.startsWith("hold")) {
    return [
      allow,
      { effect: "require_human", id: "r.hold", reason: "ask", approvers: "A", quorum: 1, expires_ms: 1000 },
    ];
  }
  if (tool.startsWith("often")) {
    return [
      allow,
      { effect: "throttle", id: "r.often", reason: "slow", key: "k", rate: 1, burst: 1, window_ms: 60_000 },
    ];
  }
  return [allow];
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

describe("decideCalls", () => {
  it("makes each call the message of an agent, with facts from the prompt alone", async () => {
    const seen: Input[] = [];
    const decisions = await decideCalls(policyOf(seen), { suite: "s", prompt: "p", declared: { directory: ["Jo"] } }, [
      { tool: "get_it", args: { a: 1 } },
    ]);
    expect(decisions).toMatchObject([{ outcome: "ALLOW" }]);
    expect(seen[0]).toMatchObject({
      action: { tool: "get_it", args: { a: 1 } },
      message: { subject: "agent.s.tool.get_it", payload: { tool: "get_it", args: { a: 1 } } },
      context: { session: { prompt: "p", declared: { directory: ["Jo"] } }, source: "sdk" },
    });
  });

  it("forgets a session before the next", async () => {
    const often = [{ tool: "often", args: {} }];
    for (let i = 0; i < 2; i++) {
      expect(await decideCalls(policyOf(), { suite: "s", prompt: "", declared: {} }, often)).toMatchObject([
        { outcome: "ALLOW" },
      ]);
    }
  });
});

describe("measure", () => {
  it("counts tasks, calls and attacks by suite, kind and rule", async () => {
    const measured = await measure(policyOf(), dataset);
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
    const report = reportOf(await measure(policyOf(), dataset), "sha256:00");
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
