import type { Decision } from "@cortexos/protocol";
import { bytesBundle, openGuard, permitToolCall, type Guard } from "@cortexos/sdk";
import { createMemoryHoldStore } from "@cortexos/stores";
import type { Task, ToolCall } from "./dataset.ts";

/** Decides calls of one session after the other. */
export interface SessionGate {
  /** Decides calls in order, in a session of their own whose facts come from the task's prompt and declarations alone. */
  decide(task: Pick<Task, "declared" | "prompt" | "suite">, calls: readonly ToolCall[]): Promise<readonly Decision[]>;
  close(): Promise<void>;
}

/** Held calls of one run that nobody approves. */
const HOLDS_MAX = 1_000_000;

/**
 * A gate as an agent has it: the SDK's guard over a bundle, one for each suite, whose principal has the suite's name. Nothing runs, and nobody
 * approves.
 */
export function openSessionGate(bundle: Uint8Array): SessionGate {
  const guards = new Map<string, Guard>();
  return {
    async decide({ declared, prompt, suite }, calls) {
      const guard = guards.get(suite) ?? openSuiteGuard(bundle, suite);
      guards.set(suite, guard);
      await guard.ready();
      const session = guard.session({ prompt, declared });
      const decisions: Decision[] = [];
      for (const call of calls) decisions.push(await session.run(() => decideCall(guard, call)));
      return decisions;
    },
    async close() {
      for (const guard of guards.values()) await guard.close();
    },
  };
}

function openSuiteGuard(bundle: Uint8Array, suite: string): Guard {
  return openGuard({
    bundle: bytesBundle(bundle),
    trust: { unsigned: "accept" },
    principal: { id: suite, tenant: "evals", roles: ["AGENT"] },
    environment: "evals",
    stores: { holds: createMemoryHoldStore({ countMax: HOLDS_MAX, bytesMax: Infinity, perRequesterMax: HOLDS_MAX }) },
    throttleWaitMs: 0,
  });
}

/** The decision on a call. Whoever is held doesn't wait. */
async function decideCall(guard: Guard, { args, tool }: ToolCall): Promise<Decision> {
  const waiting = new AbortController();
  let decided: Decision | undefined;
  const stop = guard.on("decision", ({ decision }) => {
    decided = decision;
    // Heard before the call is parked; whoever waits listens for the signal after that.
    if (decision.outcome === "REQUIRE_HUMAN") setImmediate(() => waiting.abort());
  });
  try {
    await permitToolCall(guard, { name: tool, args, signal: waiting.signal });
  } catch (thrown) {
    // A refusal is thrown to the tool's caller; its decision was heard.
    if (decided === undefined) throw thrown;
  } finally {
    stop();
  }
  if (decided === undefined) throw new Error(`no decision on a call of ${tool}`);
  return decided;
}
