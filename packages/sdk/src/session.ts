import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import type { Caller, JsonObject } from "@cortexos/protocol";
import { joinLabels } from "./flow-labels.ts";

/** The trusted facts of a task, for policies that compare what is done with what was asked. Given by the program, never by a model. */
export interface SessionFacts {
  /** Unique for each task; a new one unless given. */
  readonly id?: string;
  /** What the user asked for. */
  readonly prompt?: string;
  /** What the task declared that it would need. */
  readonly declared?: JsonObject;
}

/** One task of an agent. What it sends inside `run` is decided with its facts and labels. */
export interface Session {
  readonly id: string;
  /** Data-flow labels of what it has received, sorted. */
  readonly labels: readonly string[];
  /** Adds labels for data that came another way than by the guarded connection. They never go away. */
  addLabels(labels: readonly string[]): void;
  /** Runs work, and everything that it starts and awaits, as this session. */
  run<T>(work: () => T): T;
}

/** A session as the guard sees it. */
export interface SessionState extends Session {
  /** The trusted half of the input; another object whenever it changes. */
  caller(): Caller;
}

/** All sessions of a guard. */
export interface Sessions {
  /** The session that the running code belongs to, or the guard's own. */
  current(): SessionState;
  open(facts: SessionFacts): SessionState;
}

/** @param base - who the agent is. */
export function createSessions(base: Omit<Caller, "session">, own: SessionFacts): Sessions {
  const storage = new AsyncLocalStorage<SessionState>();
  const open = (facts: SessionFacts, parent?: SessionState): SessionState => {
    const session = {
      id: facts.id ?? randomUUID(),
      ...(facts.prompt !== undefined && { prompt: facts.prompt }),
      // A copy: what the program does with its object later changes no decision.
      declared: structuredClone(facts.declared ?? {}),
    };
    let labels: readonly string[] = [];
    let seenParent: readonly string[] = [];
    let caller: Caller = { ...base, session };
    const setLabels = (joined: readonly string[]): void => {
      if (joined === labels) return;
      labels = joined;
      caller = { ...base, session, context_labels: labels };
    };
    const inherit = (): void => {
      // What reached the agent as a whole may have reached every task of it.
      if (parent === undefined || parent.labels === seenParent) return;
      seenParent = parent.labels;
      setLabels(joinLabels(labels, seenParent));
    };
    const state: SessionState = {
      id: session.id,
      get labels() {
        inherit();
        return labels;
      },
      addLabels: (added) => {
        setLabels(joinLabels(labels, added));
      },
      run: (work) => storage.run(state, work),
      caller: () => {
        inherit();
        return caller;
      },
    };
    return state;
  };
  const root = open(own);
  return { current: () => storage.getStore() ?? root, open: (facts) => open(facts, root) };
}
