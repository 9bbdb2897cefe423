import { createGate, type Clock, type GateResult, type KernelGate } from "@cortexos/kernel";
import { createMemoryBudgetStore, createMemoryHoldStore, createMemoryThrottleStore } from "@cortexos/stores";
import { createClock, timers } from "./clock.ts";
import type { SidecarConfig } from "./config/sidecar-config.ts";
import { createLogAllowance } from "./log-allowance.ts";
import type { Logger } from "./logger.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { openPolicyKeeper, type PolicyEvent, type PolicyKeeper } from "./policy/policy-keeper.ts";
import { createEventRecords, type EventRecords } from "./records/event-records.ts";
import { openRecords, type Records } from "./records/open-records.ts";
import { reasonText } from "./sidecar-error.ts";
import { openOwnConnection, type OwnConnection } from "./upstream/own-connection.ts";
import { createHeldReleaser } from "./upstream/held-releaser.ts";

const FAULT_LINES_PER_SECOND_MAX = 5;

/** Everything behind the listeners. */
export interface Core {
  readonly gate: KernelGate;
  readonly policy: PolicyKeeper;
  readonly records: Records;
  readonly events: EventRecords;
  readonly own: OwnConnection;
  readonly metrics: Metrics;
  /** Publishes an approved message, once, on the sidecar's own connection. */
  releaseHeld(release: Extract<GateResult, { kind: "release" }>): void;
  /** Writes what is left to record and lets go of everything. */
  close(): Promise<void>;
}

/** What the connections of clients hold together. */
export interface ClientsState {
  /** Messages that wait for their record. */
  waitingCount(): number;
  keptBytes(): number;
}

/**
 * Opens policy, records, stores and the gate over them.
 *
 * @param clients - what the metrics tell of the connections of clients.
 * @throws SidecarError for what is configured and can't be had at all; what may come later is a state.
 */
export async function openCore(config: SidecarConfig, log: Logger, clients: ClientsState): Promise<Core> {
  const clock = createClock();
  const epoch = Date.now();
  const own = openOwnConnection(config.upstream, { connectMs: config.limits.upstreamConnectMs, log });
  const records = await openRecords(config.records, { own, writer: config.name, log }).catch(
    async (reason: unknown) => {
      await own.close();
      throw reason;
    },
  );
  const holds = createMemoryHoldStore({ countMax: config.limits.holdCountMax });
  const metrics: Metrics = createMetrics({
    policy: () => policy.active(),
    holdCount: () => holds.size().count,
    queuedCount: () => clients.waitingCount(),
    keptBytes: () => clients.keptBytes(),
    records: () => records.counters(),
  });
  const events = createEventRecords({ sink: records, clock, writer: `${config.name}.events`, epoch, log });
  const policy = await openPolicyKeeper(config.bundle, {
    nowNs: () => clock.nowNs(),
    onEvent: (event) => {
      tellPolicyEvent(event, { log, metrics, events });
    },
  }).catch(async (reason: unknown) => {
    await records.close();
    await own.close();
    throw reason;
  });
  const releaser = createHeldReleaser({
    own,
    log,
    waitMs: config.limits.heldReleaseMs,
    waitingCountMax: config.limits.holdCountMax,
    ended: (end) => {
      metrics.heldRelease(end);
    },
  });
  const release: Core["releaseHeld"] = (held) => {
    releaser.release(held);
  };
  const gate = openGate({ config, clock, epoch, policy, records, holds, metrics, log, release });
  return {
    gate,
    policy,
    records,
    events,
    own,
    metrics,
    releaseHeld: release,
    close: async () => {
      policy.close();
      await attempt(log, async () => releaser.close());
      await attempt(log, async () => gate.flush());
      gate.close();
      await attempt(log, async () => records.close());
      await attempt(log, async () => own.close());
    },
  };
}

interface GateParts extends Pick<Core, "metrics" | "policy" | "records"> {
  readonly config: SidecarConfig;
  readonly clock: Clock;
  readonly epoch: number;
  readonly holds: ReturnType<typeof createMemoryHoldStore>;
  readonly log: Logger;
  readonly release: Core["releaseHeld"];
}

function openGate({ config, clock, epoch, policy, records, holds, metrics, log, release }: GateParts): KernelGate {
  const allowance = createLogAllowance(
    FAULT_LINES_PER_SECOND_MAX,
    () => performance.now(),
    (omittedCount) => {
      log.error({ omittedCount }, "more failures under the gate");
    },
  );
  return createGate({
    policies: policy,
    clock,
    timers,
    records,
    origin: { writer: config.name, epoch },
    throttles: createMemoryThrottleStore(),
    budgets: createMemoryBudgetStore(),
    holds,
    throttleWaitMsMax: config.limits.throttleWaitMs,
    onFault: ({ source, cause }) => {
      metrics.gateFault(source);
      if (allowance.take()) log.error({ source, reason: reasonText(cause) }, "a failure under the gate: denied");
    },
    onUnrecorded: ({ type }) => {
      metrics.unrecorded(type);
    },
    onStood: (count) => {
      metrics.stood(count);
    },
    onOrphan: (_, result) => {
      if (result.kind === "release") release(result);
    },
  });
}

function tellPolicyEvent(
  event: PolicyEvent,
  { log, metrics, events }: Pick<Core, "events" | "metrics"> & { readonly log: Logger },
): void {
  if (event.kind === "activated") {
    log.info({ digest: event.digest, revision: event.revision }, "a bundle is active");
    events.lifecycle("bundle_activated", `${event.digest} revision ${event.revision}`);
    return;
  }
  metrics.policyRefused(event.code);
  log.error({ code: event.code, reason: event.reason }, "a bundle was refused");
  events.lifecycle("bundle_refused", `${event.code}: ${event.reason}`);
}

/** Stopping goes on whatever fails. */
async function attempt(log: Logger, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (reason) {
    log.error({ reason: reasonText(reason) }, "something failed while stopping");
  }
}
