import { randomUUID } from "node:crypto";
import { createGate, type Approvals, type KernelGate, type RecordSink } from "@cortexos/kernel";
import type { AuditRecord, Caller, DecisionRecord } from "@cortexos/protocol";
import {
  createMemoryBudgetStore,
  createMemoryHoldStore,
  createMemoryThrottleStore,
  createSystemClock,
  systemTimers,
} from "@cortexos/stores";
import { createDecisionFeed, type DecisionFeed, type DecisionListener } from "./decision-feed.ts";
import { explainRecord, type Explanation } from "./explanation.ts";
import type { GuardOptions, GuardPrincipal } from "./guard-options.ts";
import { THROTTLE_WAIT_MS_DEFAULT } from "./limits.ts";
import { bundleSource } from "./policy/bundle-source.ts";
import { openPolicyKeeper, type PolicyKeeper } from "./policy/policy-keeper.ts";
import { openRecords } from "./records/open-records.ts";
import { SdkError } from "./sdk-error.ts";
import { createSessions, type Session, type SessionFacts, type Sessions } from "./session.ts";

/** What can be asked of a guard, and of a connection that is guarded. */
export interface GuardHandle {
  /** Resolves when there is a policy and a place for records; rejects when the place can't be had or the guard is closed. */
  ready(): Promise<void>;
  /** Every decision from now on. A reader that falls behind by more than {@link FEED_COUNT_MAX} misses the oldest. */
  decisions(): AsyncIterableIterator<DecisionRecord>;
  /** Calls for every decision, before what it decides is released. @returns what stops it. */
  on(event: "decision", listener: DecisionListener): () => void;
  /** Why something was decided as it was, as long as it is remembered. */
  explain(decisionId: string): Explanation | undefined;
  /** Begins a task with facts of its own. */
  session(facts: SessionFacts): Session;
  /** Looks at the bundle's source again. Never rejects: a refused bundle leaves the last good one in place. */
  reload(): Promise<void>;
  /** What people do with held messages and tool calls. */
  readonly approvals: Approvals;
}

/** A guard by itself, for tools, or for several connections. */
export interface Guard extends GuardHandle {
  /** Writes what is left to record and lets go of everything. Safe to repeat. */
  close(): Promise<void>;
}

/** What the other parts of this package use of a guard. */
export interface GuardCore {
  readonly gate: KernelGate;
  readonly policy: PolicyKeeper;
  readonly sessions: Sessions;
  readonly feed: DecisionFeed;
}

const CORES = new WeakMap<object, GuardCore>();

/** The parts of a guard, or of a connection that is guarded; `undefined` for anything else. */
export function coreOf(guarded: object): GuardCore | undefined {
  return CORES.get(guarded);
}

/** Lets another object stand for a guard. */
export function shareCore(guarded: object, core: GuardCore): void {
  CORES.set(guarded, core);
}

/** Opens a guard: policy, records, stores and the gate over them, composed as in the sidecar. Returns at once. */
export function openGuard(options: GuardOptions): Guard {
  const { name = `sdk-${randomUUID()}`, onEvent, records: place = { kind: "memory" } } = options;
  const clock = createSystemClock();
  const feed = createDecisionFeed();
  const records = openRecords(place, name);
  const end: GuardEnd = { isOver: false };
  const policy = openPolicyKeeper({
    source: bundleSource(options.bundle),
    trust: options.trust,
    nowNs: () => clock.nowNs(),
    onEvent: (event) => onEvent?.(event),
  });
  const gate = createGate({
    policies: policy,
    clock,
    timers: systemTimers,
    records: watchedSink(records, feed, end),
    origin: { writer: name, epoch: Date.now() },
    throttles: options.stores?.throttles ?? createMemoryThrottleStore(),
    budgets: options.stores?.budgets ?? createMemoryBudgetStore(),
    holds: options.stores?.holds ?? createMemoryHoldStore(),
    throttleWaitMsMax: options.throttleWaitMs ?? THROTTLE_WAIT_MS_DEFAULT,
    onFault: (fault) => onEvent?.({ kind: "fault", ...fault }),
  });
  const core: GuardCore = { gate, policy, feed, sessions: createSessions(baseCaller(options), options.session ?? {}) };
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    policy.close();
    await Promise.resolve(gate.flush()).catch(() => undefined);
    gate.close();
    end.isOver = true;
    feed.close();
    await records.close();
  };
  const guard: Guard = {
    ...handleOf(core, records.opened),
    close: async () => {
      closing ??= close();
      await closing;
    },
  };
  shareCore(guard, core);
  return guard;
}

function handleOf({ gate, policy, sessions, feed }: GuardCore, opened: Promise<void>): GuardHandle {
  return {
    ready: async () => {
      await Promise.all([policy.first, opened]);
    },
    decisions: () => feed.iterate(),
    on: (_, listener) => feed.listen(listener),
    explain: (decisionId) => {
      const record = feed.find(decisionId);
      return record === undefined ? undefined : explainRecord(record);
    },
    session: (facts) => sessions.open(facts),
    reload: async () => policy.reload(),
    approvals: gate.approvals,
  };
}

/** Whether a guard is closed. */
interface GuardEnd {
  isOver: boolean;
}

/** Passes records on, and shows the decisions among them. Nothing is released by a guard that is closed. */
function watchedSink(sink: RecordSink, feed: DecisionFeed, end: GuardEnd): RecordSink {
  return {
    append: (record: AuditRecord) => {
      if (end.isOver) throw new SdkError("guard.closed", "the guard is closed");
      if (record.type === "decision") feed.push(record);
      return sink.append(record);
    },
  };
}

function baseCaller({ environment, labels = {}, principal }: GuardOptions): Omit<Caller, "session"> {
  return {
    principal: toPrincipal(principal),
    environment,
    labels: { ...labels },
    source: "sdk",
  };
}

function toPrincipal({ id, kind = "agent", onBehalfOf, roles = [], tenant }: GuardPrincipal): Caller["principal"] {
  return {
    id,
    kind,
    roles: [...roles],
    tenant,
    ...(onBehalfOf !== undefined && { on_behalf_of: onBehalfOf }),
    authenticated_by: "config",
  };
}
