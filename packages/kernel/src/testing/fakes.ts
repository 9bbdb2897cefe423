// Small named fakes of the ports, for this package's tests. They answer at once.
import type {
  AuditRecord,
  Caller,
  DecisionRecord,
  Evaluation,
  Finding,
  Input,
  Message,
  PolicyManifest,
  Principal,
} from "@cortexos/protocol";
import { gcraStep, type GcraState } from "../gcra.ts";
import { judgeHold } from "../judge-hold.ts";
import type {
  ActivePolicy,
  BudgetStore,
  Clock,
  Hold,
  HoldChange,
  HoldStore,
  RecordSink,
  ThrottleStore,
  Timers,
} from "../ports.ts";

const MANIFEST: PolicyManifest = {
  format: 1,
  revision: 1,
  entrypoint: "cortexos/main/findings",
  require_allow: false,
  modifiable: [{ subjects: ">", pointers: ["/*", "/args/*", "/meta/*"], headers: ["x-note"], topics: ["moved.>"] }],
  payloads: [],
  records: [{ subjects: "fast.>", durability: "buffered" }],
  strict_order: [],
  builtins: [],
};

export const CALLER: Caller = {
  principal: { id: "agent-1", kind: "agent", roles: ["writer"], tenant: "acme", authenticated_by: "config" },
  environment: "prod",
  labels: { team: "payments" },
  source: "sidecar",
  session: { id: "c-1", declared: {} },
};

export const HUMAN: Principal = {
  id: "alice",
  kind: "human",
  roles: ["SRE_LEAD"],
  tenant: "acme",
  authenticated_by: "config",
};

export function messageOf(payload: unknown, over: Partial<Message> = {}): Message {
  return { subject: "agent.x", reply: "", headers: [], payload: Buffer.from(JSON.stringify(payload)), ...over };
}

export function allow(id = "ok"): Finding {
  return { effect: "allow", id, reason: `${id} allows` };
}

export function deny(id = "no"): Finding {
  return { effect: "deny", id, reason: `${id} denies` };
}

export function requireHuman(over: Partial<Extract<Finding, { effect: "require_human" }>> = {}): Finding {
  return {
    effect: "require_human",
    id: "human",
    reason: "ask",
    approvers: "SRE_LEAD",
    quorum: 1,
    expires_ms: 60_000,
    ...over,
  };
}

export function throttle(over: Partial<Extract<Finding, { effect: "throttle" }>> = {}): Finding {
  return { effect: "throttle", id: "slow", reason: "too fast", key: "k", rate: 1, burst: 1, window_ms: 1000, ...over };
}

export function modify(over: Partial<Extract<Finding, { effect: "modify" }>> = {}): Finding {
  return { effect: "modify", id: "mend", reason: "mended", set: {}, remove: [], headers: {}, ...over };
}

/** A policy whose rules are a function. */
export function policyOf(
  rules: (input: Input) => readonly Finding[],
  over: Partial<Omit<ActivePolicy, "manifest">> & { readonly manifest?: Partial<PolicyManifest> } = {},
): ActivePolicy {
  return {
    digest: `sha256:${"a".repeat(64)}`,
    engine: "rego/1",
    reads: [""],
    evaluate: (input): Evaluation => ({ ok: true, findings: rules(input) }),
    ...over,
    manifest: { ...MANIFEST, ...over.manifest },
  };
}

export interface FakeTime extends Clock, Timers {
  /** Moves the clock and wakes who has slept long enough, in order. */
  advance(ms: number): Promise<void>;
}

export function createTime(): FakeTime {
  let now = 1_700_000_000_000_000_000n;
  let sleepers: { at: bigint; wake: () => void }[] = [];
  return {
    nowNs: () => ++now,
    sleep: (delayMs, signal) =>
      new Promise((resolve, reject) => {
        sleepers.push({ at: now + BigInt(Math.ceil(delayMs)) * 1_000_000n, wake: resolve });
        signal?.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
      }),
    async advance(ms) {
      now += BigInt(ms) * 1_000_000n;
      const due = sleepers.filter(({ at }) => at <= now);
      sleepers = sleepers.filter(({ at }) => at > now);
      for (const { wake } of due) wake();
      await turns();
    },
  };
}

/** Lets everything that can go on go on. */
export async function turns(): Promise<void> {
  for (let i = 0; i < 40; i++) await Promise.resolve();
}

export interface FakeSink extends RecordSink {
  readonly records: AuditRecord[];
  decisions(): readonly DecisionRecord[];
}

export function createSink(): FakeSink {
  const records: AuditRecord[] = [];
  return {
    records,
    append(record) {
      records.push(record);
    },
    decisions: () => records.filter((record) => record.type === "decision"),
  };
}

export function createThrottles(clock: Clock): ThrottleStore {
  const buckets = new Map<string, GcraState>();
  return {
    take(requests) {
      const nowUs = Number(clock.nowNs() / 1000n);
      const steps = requests.map((request) => gcraStep(request, buckets.get(request.key), nowUs));
      const all = steps.every((step) => step.admitted);
      for (const [i, request] of requests.entries()) {
        const step = steps[i];
        if (all && step !== undefined) buckets.set(request.key, step.state);
      }
      return steps;
    },
  };
}

export interface FakeBudgets extends BudgetStore {
  readonly log: string[];
}

export function createBudgets(limit: number): FakeBudgets {
  const log: string[] = [];
  const held = new Map<string, number>();
  let spent = 0;
  return {
    log,
    reserve(id, amounts) {
      const sum = amounts.reduce((total, { amount }) => total + amount, 0);
      const reserved = spent + sum <= limit;
      if (reserved) {
        spent += sum;
        held.set(id, sum);
      }
      log.push(`reserve ${sum} ${reserved ? "yes" : "no"}`);
      return { reserved };
    },
    commit(id) {
      log.push(`commit ${held.get(id)}`);
      held.delete(id);
    },
    void(id) {
      spent -= held.get(id) ?? 0;
      log.push(`void ${held.get(id)}`);
      held.delete(id);
    },
    state: () => ({ all: { limit, committed: 0, reserved: spent, remaining: limit - spent } }),
  };
}

export function createHolds(countMax = 10): HoldStore {
  const holds = new Map<string, Hold>();
  const change = (id: string, judged: (hold: Hold) => HoldChange): HoldChange => {
    const hold = holds.get(id);
    if (hold === undefined) return { ok: false, code: "approval.unknown", reason: "unknown" };
    const result = judged(hold);
    if (result.ok) holds.set(id, result.hold);
    return result;
  };
  return {
    park(hold) {
      if (holds.size >= countMax) return "full";
      holds.set(hold.id, hold);
      return "parked";
    },
    get: (id) => holds.get(id),
    list: (max) => [...holds.values()].slice(0, max),
    approve: (id, by, atNs) => change(id, (hold) => judgeHold(hold, { verdict: "approve", by, atNs })),
    deny: (id, by, atNs) => change(id, (hold) => judgeHold(hold, { verdict: "deny", by, atNs })),
    claimRelease(id) {
      const hold = holds.get(id);
      if (hold?.status !== "approved") return false;
      holds.set(id, { ...hold, status: "released" });
      return true;
    },
    expire(nowNs) {
      const due = [...holds.values()].filter(
        (hold) => hold.status === "waiting" && BigInt(nowNs) >= BigInt(hold.decision.hold?.expires_at_ns ?? "0"),
      );
      for (const hold of due) holds.set(hold.id, { ...hold, status: "expired" });
      return due;
    },
  };
}
