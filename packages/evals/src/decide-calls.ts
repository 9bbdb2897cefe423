import { Buffer } from "node:buffer";
import { createGate, type ActivePolicy, type Clock } from "@cortexos/kernel";
import type { Caller, Decision } from "@cortexos/protocol";
import { createMemoryHoldStore, createMemoryRecordSink, createMemoryThrottleStore } from "@cortexos/stores";
import type { Task, ToolCall } from "./dataset.ts";

/**
 * Decides calls of one session, in order, through a gate of its own: nothing of one session is known in the next. Each call is the message that
 * an agent would publish; the session's facts come from the task's prompt alone.
 */
export async function decideCalls(
  policy: ActivePolicy,
  task: Pick<Task, "declared" | "prompt" | "suite">,
  calls: readonly ToolCall[],
): Promise<readonly Decision[]> {
  const gate = createGate({
    policies: { current: () => policy },
    clock: createStepClock(),
    timers: { sleep: () => new Promise(() => undefined) },
    records: createMemoryRecordSink(),
    throttles: createMemoryThrottleStore({ nowUs: () => 0 }),
    holds: createMemoryHoldStore(),
    origin: { writer: "evals", epoch: 1 },
  });
  const caller = callerOf(task);
  const decisions: Decision[] = [];
  for (const call of calls) {
    const result = await gate.submit(messageOf(task.suite, call), caller);
    if (result.kind === "release") result.done("released");
    decisions.push(result.decision);
  }
  gate.close();
  return decisions;
}

/** 2023-11-14, and a millisecond more for each decision. */
const START_NS = 1_700_000_000_000_000_000n;
const STEP_NS = 1_000_000n;

function createStepClock(): Clock {
  let now = START_NS;
  return { nowNs: () => (now += STEP_NS) };
}

function callerOf({ declared, prompt }: Pick<Task, "declared" | "prompt">): Caller {
  return {
    principal: { id: "agent", kind: "agent", roles: ["AGENT"], tenant: "evals", authenticated_by: "config" },
    environment: "evals",
    labels: {},
    source: "sdk",
    session: { id: "session", prompt, declared },
  };
}

function messageOf(suite: string, { args, tool }: ToolCall): Parameters<ReturnType<typeof createGate>["submit"]>[0] {
  return {
    subject: `agent.${suite}.tool.${tool}`,
    reply: "",
    headers: [],
    payload: Buffer.from(JSON.stringify({ tool, args }), "utf8"),
  };
}
