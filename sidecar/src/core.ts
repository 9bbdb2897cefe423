import { createGate, type Clock, type GateResult, type KernelGate } from "@cortexos/kernel";
import { createClock, timers } from "./clock.ts";
import type { SidecarConfig } from "./config/sidecar-config.ts";
import { createLogAllowance } from "./log-allowance.ts";
import type { Logger } from "./logger.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { openPolicyKeeper, type PolicyEvent, type PolicyKeeper } from "./policy/policy-keeper.ts";
import { createEventRecords, type EventRecords } from "./records/event-records.ts";
import { openRecords, type Records } from "./records/open-records.ts";
import { reasonText } from "./sidecar-error.ts";
import { openStores, type Stores } from "./stores/open-stores.ts";
import { tendStores } from "./stores/tend-stores.ts";
import { openOwnConnection, type OwnConnection } from "./upstream/own-connection.ts";
import { createHeldReleaser } from "./upstream/held-releaser.ts";

const FAULT_LINES_PER_SECOND_MAX = 5;

/** Everything behind the listeners. */
export interface Core {
  readonly gate: KernelGate;
  readonly policy: PolicyKeeper;
  readonly records: Records;
  readonly stores: Stores;
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
  const ground = await openGround(config, log);
  const { own, records, stores } = ground;
  const metrics: Metrics = createMetrics({
    policy: () => policy.active(),
    holdCount: () => stores.holdCount(),
    queuedCount: () => clients.waitingCount(),
    keptBytes: () => clients.keptBytes(),
    records: () => records.counters(),
  });
  const told = { clock, epoch, log, lost: metrics.unrecorded };
  const events = createEventRecords({ sink: records, writer: `${config.name}.events`, ...told });
  const policy = await openPolicyKeeper(config.bundle, {
    nowNs: () => clock.nowNs(),
    onEvent: (event) => {
      tellPolicyEvent(event, { log, metrics, events });
    },
  }).catch(async (reason: unknown) => {
    await ground.close();
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
  const gate = openGate({ config, clock, epoch, policy, records, stores, metrics, log, release });
  const tending = tendStores(stores, gate.approvals, log);
  return {
    gate,
    policy,
    records,
    stores,
    events,
    own,
    metrics,
    releaseHeld: release,
    close: async () => {
      policy.close();
      tending.stop();
      await attempt(log, async () => releaser.close());
      await attempt(log, async () => gate.flush());
      gate.close();
      await ground.close();
    },
  };
}

interface Ground extends Pick<Core, "own" | "records" | "stores"> {
  readonly close: () => Promise<void>;
}

/** What the gate stands on: the upstream, and what is kept there or elsewhere. */
async function openGround(config: SidecarConfig, log: Logger): Promise<Ground> {
  const own = openOwnConnection(config.upstream, { connectMs: config.limits.upstreamConnectMs, log });
  const opened: { close(): Promise<void> }[] = [own];
  const close = async (): Promise<void> => {
    for (const part of opened.toReversed()) await attempt(log, async () => part.close());
  };
  try {
    const records = await openRecords(config.records, {
      own,
      writer: config.name,
      log,
      ...(config.audit && { audit: config.audit }),
    });
    opened.push(records);
    const stores = await openStores(config, { own, log });
    opened.push(stores);
    return { own, records, stores, close };
  } catch (reason) {
    await close();
    throw reason;
  }
}

interface GateParts extends Pick<Core, "metrics" | "policy" | "records" | "stores"> {
  readonly config: SidecarConfig;
  readonly clock: Clock;
  readonly epoch: number;
  readonly log: Logger;
  readonly release: Core["releaseHeld"];
}

function openGate({ config, clock, epoch, policy, records, stores, metrics, log, release }: GateParts): KernelGate {
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
    throttles: stores.throttles,
    budgets: stores.budgets,
    holds: stores.holds,
    throttleWaitMsMax: config.limits.throttleWaitMs,
    onFault: ({ source, cause }) => {
      metrics.gateFault(source);
      if (allowance.take()) log.error({ source, reason: reasonText(cause) }, "a failure under the gate: denied");
    },
    onUnrecorded: ({ type }) => metrics.unrecorded(type),
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
  if (event.kind === "unkept") {
    log.error({ reason: event.reason }, "the bundle couldn't be kept for the next start");
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
