import { isReleasing, type Decision } from "@cortexos/protocol";
import type { Attack, Dataset, Task, ToolCall } from "./dataset.ts";
import type { SessionGate } from "./session-gate.ts";

/** A call that was stopped, and why. */
export interface StoppedCall {
  readonly suite: string;
  /** The task's id, or the attack's and the task's. */
  readonly id: string;
  readonly call: ToolCall;
  readonly decision: Decision;
}

/** What came of the tasks of one suite. */
export interface SuiteFigures {
  readonly suite: string;
  readonly tasks: number;
  /** Tasks all of whose calls were released at once. */
  readonly automatic: number;
  /** Tasks with a call that was denied. */
  readonly denied: number;
  readonly calls: number;
  readonly held: number;
  readonly throttled: number;
  /** Attacks, each counted once for every task that it was tried in. */
  readonly attacks: number;
  /** Attacks of which at least one call was stopped. */
  readonly stopped: number;
}

export interface Measured {
  readonly suites: readonly SuiteFigures[];
  readonly benign: readonly StoppedCall[];
  /** Attacks that went through: each of their calls was released. */
  readonly slipped: readonly {
    readonly suite: string;
    readonly id: string;
    readonly kind: string;
    readonly task: string;
  }[];
  /** Attacks tried and stopped, by kind. */
  readonly kinds: ReadonlyMap<string, { tried: number; stopped: number }>;
  /** How often each rule stopped a call, benign ones and attacks apart. */
  readonly rules: ReadonlyMap<string, { benign: number; attacks: number }>;
}

/** Decides every task and every attack of a data set. */
export async function measure(gate: Pick<SessionGate, "decide">, dataset: Dataset): Promise<Measured> {
  const suites = new Map<string, { -readonly [Name in keyof SuiteFigures]: SuiteFigures[Name] }>();
  const rules = new Map<string, { benign: number; attacks: number }>();
  const kinds = new Map<string, { tried: number; stopped: number }>();
  const benign: StoppedCall[] = [];
  const slipped: { suite: string; id: string; kind: string; task: string }[] = [];
  for (const task of dataset.tasks) await measureTask(task);
  for (const attack of dataset.attacks) for (const task of attack.during) await measureAttack(attack, task);
  return { suites: [...suites.values()], benign, slipped, kinds, rules };

  async function measureTask(task: Task): Promise<void> {
    const figures = figuresOf(task.suite);
    const decisions = await gate.decide(task, task.calls);
    const stops = stoppedOf(task, task.calls, decisions);
    figures.tasks++;
    figures.calls += decisions.length;
    figures.automatic += stops.length === 0 ? 1 : 0;
    figures.denied += decisions.some(({ outcome }) => outcome === "DENY") ? 1 : 0;
    figures.held += decisions.filter(({ outcome }) => outcome === "REQUIRE_HUMAN").length;
    figures.throttled += decisions.filter(({ outcome }) => outcome === "THROTTLE").length;
    benign.push(...stops);
    count(stops, "benign");
  }

  async function measureAttack(attack: Attack, task: Task): Promise<void> {
    const figures = figuresOf(attack.suite);
    const stops = stoppedOf(attack, attack.calls, await gate.decide(task, attack.calls));
    const kind = kinds.get(attack.kind) ?? { tried: 0, stopped: 0 };
    kinds.set(attack.kind, kind);
    kind.tried++;
    kind.stopped += stops.length > 0 ? 1 : 0;
    figures.attacks++;
    figures.stopped += stops.length > 0 ? 1 : 0;
    if (stops.length === 0) slipped.push({ suite: attack.suite, id: attack.id, kind: attack.kind, task: task.id });
    count(stops, "attacks");
  }

  function figuresOf(suite: string): { -readonly [Name in keyof SuiteFigures]: SuiteFigures[Name] } {
    const known = suites.get(suite);
    if (known !== undefined) return known;
    const none = { tasks: 0, automatic: 0, denied: 0, calls: 0, held: 0, throttled: 0, attacks: 0, stopped: 0 };
    const figures = { suite, ...none };
    suites.set(suite, figures);
    return figures;
  }

  function count(stops: readonly StoppedCall[], of: "attacks" | "benign"): void {
    for (const rule of stops.flatMap(({ decision }) => decision.rule_ids)) {
      const counts = rules.get(rule) ?? { benign: 0, attacks: 0 };
      counts[of]++;
      rules.set(rule, counts);
    }
  }
}

function stoppedOf(
  { suite, id }: Pick<Task, "id" | "suite">,
  calls: readonly ToolCall[],
  decisions: readonly Decision[],
): readonly StoppedCall[] {
  return calls.flatMap((call, i) => {
    const decision = decisions[i];
    return decision === undefined || isReleasing(decision.outcome) ? [] : [{ suite, id, call, decision }];
  });
}
