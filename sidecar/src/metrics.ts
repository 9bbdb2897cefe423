import { OUTCOMES, type Decision, type Outcome } from "@cortexos/protocol";
import type { SinkCounters } from "@cortexos/stores";
import { createLatencyHistogram } from "./latency-histogram.ts";
import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";

/** Most rule labels kept; findings name rules, so their number is the policy's to choose and ours to bound. */
const RULE_LABELS_MAX = 1_000;
const OTHER_RULES = "other";

/** What the sidecar counts. The hot ones are plain numbers, read only when somebody asks. */
export interface Metrics {
  /** One decision that took `seconds` from submit to result. */
  decided(decision: Decision, seconds: number): void;
  /** Messages released by a standing decision. */
  stood(count: number): void;
  connectionOpened(): void;
  connectionClosed(): void;
  connectionRefused(reason: string): void;
  fault(code: string): void;
  bytes(direction: "client_to_upstream" | "upstream_to_client", count: number): void;
  heldRelease(result: "released" | "failed" | "unknown"): void;
  policyRefused(code: string): void;
  /** A record of something that wasn't released couldn't be written. */
  readonly unrecorded: (type: string) => void;
  /** Something failed under the gate and was answered with DENY. */
  gateFault(source: string): void;
  text(): Promise<string>;
  readonly contentType: string;
}

/** What metrics read from the running sidecar when they are asked for. */
export interface MetricsSources {
  /** The active policy: digest, revision, and when it became active (milliseconds since 1970). */
  policy(): { readonly digest: string; readonly revision: number; readonly activeSinceMs: number } | undefined;
  holdCount(): number;
  queuedCount(): number;
  /** Bytes kept for all connections together. */
  keptBytes(): number;
  records(): SinkCounters | undefined;
}

/** Creates the registry and everything in it. */
export function createMetrics(sources: MetricsSources): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "cortexos_" });
  registerPolicy(registry, sources);
  registerState(registry, sources);
  const registers = [registry];
  const decisions = countDecisions(registers);
  const bytes = countBytes(registers);
  const seconds = createLatencyHistogram(
    "cortexos_decision_seconds",
    "Time from a message's last byte to its decision and record",
  );
  const connections = new Gauge({ name: "cortexos_connections", help: "Open client connections", registers });
  const opened = new Counter({ name: "cortexos_connections_total", help: "Client connections accepted", registers });
  const counted = (name: string, help: string, label: string): Counter =>
    new Counter({ name, help, labelNames: [label], registers });
  const refused = counted("cortexos_connections_refused_total", "Client connections not accepted", "reason");
  const faults = counted("cortexos_faults_total", "Protocol violations by clients", "code");
  const releases = counted("cortexos_held_releases_total", "Held messages sent after their approval", "result");
  const gateFaults = counted("cortexos_gate_faults_total", "Failures under the gate, answered with DENY", "source");
  const unrecorded = counted("cortexos_unrecorded_total", "Records of what wasn't released that were lost", "type");
  const policyRefused = counted("cortexos_policy_refused_total", "Bundles not activated", "code");
  return {
    decided: (decision, tookSeconds) => {
      decisions.add(decision.outcome, decision.rule_ids);
      seconds.observe(tookSeconds);
    },
    stood: (count) => decisions.addStanding(count),
    connectionOpened: () => {
      connections.inc();
      opened.inc();
    },
    connectionClosed: () => connections.dec(),
    connectionRefused: (reason) => refused.inc({ reason }),
    fault: (code) => faults.inc({ code }),
    bytes: bytes.add,
    heldRelease: (result) => releases.inc({ result }),
    gateFault: (source) => gateFaults.inc({ source }),
    unrecorded: (type) => unrecorded.inc({ type }),
    policyRefused: (code) => policyRefused.inc({ code }),
    text: async () => `${await registry.metrics()}\n${seconds.text()}`,
    contentType: registry.contentType,
  };
}

interface DecisionCounts {
  add(outcome: Outcome, ruleIds: readonly string[]): void;
  addStanding(count: number): void;
}

function countDecisions(registers: Registry[]): DecisionCounts {
  const byOutcome = new Map<Outcome, OutcomeCounts>(
    OUTCOMES.map((outcome) => [outcome, { count: 0, rules: new Map() }]),
  );
  let ruleCount = 0;
  new Counter({
    name: "cortexos_decisions_total",
    help: "Decisions by outcome",
    labelNames: ["outcome"],
    registers,
    collect() {
      this.reset();
      for (const [outcome, { count }] of byOutcome) this.inc({ outcome }, count);
    },
  });
  new Counter({
    name: "cortexos_rule_decisions_total",
    help: "Decisions by outcome and each rule that gave it",
    labelNames: ["outcome", "rule"],
    registers,
    collect() {
      this.reset();
      for (const [outcome, { rules }] of byOutcome) {
        for (const [rule, count] of rules) this.inc({ outcome, rule }, count);
      }
    },
  });
  return {
    add: (outcome, ruleIds) => {
      const counts = byOutcome.get(outcome);
      if (counts === undefined) return;
      counts.count++;
      for (const ruleId of ruleIds) addRule(counts.rules, ruleId);
    },
    addStanding: (count) => {
      const counts = byOutcome.get("ALLOW");
      if (counts !== undefined) counts.count += count;
    },
  };

  function addRule(rules: Map<string, number>, ruleId: string): void {
    const known = rules.get(ruleId);
    if (known !== undefined) {
      rules.set(ruleId, known + 1);
    } else if (ruleId === OTHER_RULES || ruleCount < RULE_LABELS_MAX) {
      ruleCount++;
      rules.set(ruleId, 1);
    } else {
      addRule(rules, OTHER_RULES);
    }
  }
}

interface OutcomeCounts {
  count: number;
  readonly rules: Map<string, number>;
}

function countBytes(registers: Registry[]): { readonly add: Metrics["bytes"] } {
  const total = { client_to_upstream: 0, upstream_to_client: 0 };
  new Counter({
    name: "cortexos_bytes_total",
    help: "Bytes carried, by direction",
    labelNames: ["direction"],
    registers,
    collect() {
      this.reset();
      for (const [direction, count] of Object.entries(total)) this.inc({ direction }, count);
    },
  });
  return {
    add: (direction, count) => {
      total[direction] += count;
    },
  };
}

function registerPolicy(registry: Registry, sources: MetricsSources): void {
  const registers = [registry];
  new Gauge({
    name: "cortexos_policy_info",
    help: "The active bundle",
    labelNames: ["digest", "revision"],
    registers,
    collect() {
      this.reset();
      const policy = sources.policy();
      if (policy !== undefined) this.set({ digest: policy.digest, revision: String(policy.revision) }, 1);
    },
  });
  new Gauge({
    name: "cortexos_policy_age_seconds",
    help: "Time since the active bundle became active; absent when there is none",
    registers,
    collect() {
      const policy = sources.policy();
      if (policy === undefined) this.remove();
      else this.set((Date.now() - policy.activeSinceMs) / 1_000);
    },
  });
}

function registerState(registry: Registry, sources: MetricsSources): void {
  const registers = [registry];
  new Counter({
    name: "cortexos_records_total",
    help: "Audit records: in their target, refused (nothing was released on them), or buffered and lost",
    labelNames: ["result"],
    registers,
    collect() {
      this.reset();
      const counters = sources.records();
      if (counters === undefined) return;
      this.inc({ result: "written" }, counters.appendedCount);
      this.inc({ result: "refused" }, counters.refusedCount);
      this.inc({ result: "lost" }, counters.lostCount);
    },
  });
  new Gauge({
    name: "cortexos_holds",
    help: "Messages that wait for an approval",
    registers,
    collect() {
      this.set(sources.holdCount());
    },
  });
  new Gauge({
    name: "cortexos_queue_messages",
    help: "Messages that wait for their decision's record",
    registers,
    collect() {
      this.set(sources.queuedCount());
    },
  });
  new Gauge({
    name: "cortexos_kept_bytes",
    help: "Bytes kept for all connections: begun frames, queues, subscriptions, what waits in sockets",
    registers,
    collect() {
      this.set(sources.keptBytes());
    },
  });
}
