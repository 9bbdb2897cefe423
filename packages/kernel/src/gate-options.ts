import type { AuditRecord } from "@cortexos/protocol";
import type { Hold } from "./ports.ts";
import type { GateResult } from "./gate-types.ts";
import type { BudgetStore, Clock, HoldStore, PolicySource, RecordSink, ThrottleStore, Timers } from "./ports.ts";

/** What a gate is made of. A store that isn't there makes every decision that needs it a DENY. */
export interface GateOptions {
  readonly policies: PolicySource;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly records: RecordSink;
  /** Who writes the records; `epoch` grows with every start of the writer, so that no record id comes twice. */
  readonly origin: { readonly writer: string; readonly epoch: number };
  readonly throttles?: ThrottleStore;
  readonly budgets?: BudgetStore;
  readonly holds?: HoldStore;
  /** Longest time that a throttled message waits for its turn, in milliseconds; 0 refuses it at once. Default 0. */
  readonly throttleWaitMsMax?: number;
  /** Told of everything that went wrong and was answered with DENY or lost nothing: for logs and metrics. Must not throw. */
  readonly onFault?: (fault: GateFault) => void;
  /** Told of a record of something that wasn't released, and that couldn't be written: for metrics. Must not throw. */
  readonly onUnrecorded?: (record: AuditRecord) => void;
  /** Told of messages that a standing release has accounted for: for metrics. Must not throw. */
  readonly onStood?: (count: number) => void;
  /** Takes the results of holds that nobody here waits for, such as those parked before a restart. Without it they are refused. */
  readonly onOrphan?: (hold: Hold, result: GateResult) => void;
}

/** Something that failed under the gate. */
export interface GateFault {
  /** Where: a store, the record sink, or the gate itself. A policy that fails is a decision, `evaluation.error`. */
  readonly source: "budgets" | "holds" | "kernel" | "records" | "throttles";
  readonly cause: unknown;
}

/** Reports a fault, whatever the listener does. */
export function reportFault(options: GateOptions, source: GateFault["source"], cause: unknown): void {
  try {
    options.onFault?.({ source, cause });
  } catch {
    // A listener that fails must not change what becomes of a message.
  }
}

/** Tells of a record that was lost, whatever the listener does. */
export function reportUnrecorded(options: GateOptions, record: AuditRecord): void {
  try {
    options.onUnrecorded?.(record);
  } catch {
    // As above.
  }
}
