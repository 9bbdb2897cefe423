import type { Decision, Outcome } from "@cortexos/protocol";
import { describe, expect, it } from "vitest";
import { createMetrics, type Metrics, type MetricsSources } from "./metrics.ts";

const none: MetricsSources = {
  policy: () => undefined,
  holdCount: () => 0,
  queuedCount: () => 0,
  keptBytes: () => 0,
  records: () => undefined,
};

function decision(outcome: Outcome, ruleIds: readonly string[]): Decision {
  return {
    decision_id: "d",
    outcome,
    rule_ids: ruleIds,
    reason: "",
    bundle_digest: "",
    input_digest: "",
    engine: "",
    evaluated_at: "1",
  };
}

async function samples(metrics: Metrics): Promise<readonly string[]> {
  const text = await metrics.text();
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

describe("createMetrics", () => {
  it("counts decisions by outcome and by each rule, and runs as what they stand for", async () => {
    const metrics = createMetrics(none);
    metrics.decided(decision("DENY", ["a", "b"]), 0.000_02);
    metrics.decided(decision("DENY", ["a"]), 0.2);
    metrics.stood(1_000);
    const lines = await samples(metrics);
    expect(lines).toEqual(
      expect.arrayContaining([
        'cortexos_decisions_total{outcome="DENY"} 2',
        'cortexos_decisions_total{outcome="ALLOW"} 1000',
        'cortexos_decisions_total{outcome="THROTTLE"} 0',
        'cortexos_rule_decisions_total{outcome="DENY",rule="a"} 2',
        'cortexos_rule_decisions_total{outcome="DENY",rule="b"} 1',
        'cortexos_decision_seconds_bucket{le="0.000025"} 1',
        "cortexos_decision_seconds_count 2",
      ]),
    );
    expect(await samples(metrics)).toContain('cortexos_decisions_total{outcome="DENY"} 2');
  });

  it("keeps a bounded number of rules", async () => {
    const metrics = createMetrics(none);
    for (let i = 0; i < 5_000; i++) metrics.decided(decision("DENY", [`made-up-${i}`]), 0);
    const rules = (await samples(metrics)).filter((line) => line.startsWith("cortexos_rule_decisions_total"));
    expect(rules).toHaveLength(1_001);
    expect(rules).toContain('cortexos_rule_decisions_total{outcome="DENY",rule="other"} 4000');
  });

  it("shows the policy only while there is one", async () => {
    let policy: { digest: string; revision: number; activeSinceMs: number } | undefined;
    const metrics = createMetrics({ ...none, policy: () => policy });
    const ages = async (): Promise<readonly string[]> =>
      (await samples(metrics)).filter((line) => line.startsWith("cortexos_policy_"));
    expect(await ages()).toEqual([]);
    policy = { digest: "sha256:b", revision: 3, activeSinceMs: Date.now() - 5_000 };
    expect(await ages()).toEqual([
      'cortexos_policy_info{digest="sha256:b",revision="3"} 1',
      expect.stringMatching(/^cortexos_policy_age_seconds [5-9]/),
    ]);
  });

  it("counts bytes, connections, faults, records and releases", async () => {
    const metrics = createMetrics({
      ...none,
      holdCount: () => 4,
      queuedCount: () => 7,
      keptBytes: () => 8,
      records: () => ({ appendedCount: 5, batchCount: 2, unacknowledgedCount: 1, refusedCount: 3, lostCount: 0 }),
    });
    metrics.connectionOpened();
    metrics.connectionOpened();
    metrics.connectionClosed();
    metrics.connectionRefused("connections");
    metrics.fault("wire.control_line");
    metrics.bytes("client_to_upstream", 10);
    metrics.bytes("client_to_upstream", 5);
    metrics.heldRelease("released");
    expect(await samples(metrics)).toEqual(
      expect.arrayContaining([
        "cortexos_connections 1",
        "cortexos_connections_total 2",
        'cortexos_connections_refused_total{reason="connections"} 1',
        'cortexos_faults_total{code="wire.control_line"} 1',
        'cortexos_bytes_total{direction="client_to_upstream"} 15',
        'cortexos_records_total{result="written"} 5',
        'cortexos_records_total{result="refused"} 3',
        'cortexos_held_releases_total{result="released"} 1',
        "cortexos_holds 4",
        "cortexos_queue_messages 7",
        "cortexos_kept_bytes 8",
      ]),
    );
  });
});
