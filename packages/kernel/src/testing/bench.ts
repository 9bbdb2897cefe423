import type { Finding } from "@cortexos/protocol";
import { createGate, type KernelGate } from "../gate.ts";
import type { GateFault, GateOptions } from "../gate-options.ts";
import type { GateResult } from "../gate-types.ts";
import type { ActivePolicy, MaybePromise } from "../ports.ts";
import { allow, createSink, createTime, type FakeSink, type FakeTime } from "./fakes.ts";

/** A gate over fakes. */
export interface Bench {
  readonly gate: KernelGate;
  readonly records: FakeSink;
  readonly time: FakeTime;
  readonly faults: GateFault[];
}

export function benchOf(policy: ActivePolicy | undefined, over: Partial<GateOptions> = {}): Bench {
  const time = createTime();
  const records = createSink();
  const faults: GateFault[] = [];
  const gate = createGate({
    policies: { current: () => policy },
    clock: time,
    timers: time,
    records,
    origin: { writer: "w", epoch: 7 },
    onFault: (fault) => faults.push(fault),
    ...over,
  });
  return { gate, records, time, faults };
}

/** What a gate answered at once. */
export function now(result: MaybePromise<GateResult>): GateResult {
  if ("then" in result) throw new Error("the gate didn't answer at once");
  return result;
}

/** A port that throws something without a prototype. */
export const never = (): never => {
  throw Object.create(null);
};
export const charged: Finding = { ...allow(), budget: { scope: "s", amount: 3 } };
