import type { Gate, GateResult, ReleaseDone, StandingRelease, Timers } from "@cortexos/kernel";
import type { Caller, Decision, Message } from "@cortexos/protocol";
import type { PublishRefusal, PublishVerdict, StandingVerdict } from "@cortexos/wire";

/** Most times that a throttled message asks again while it waits. */
const THROTTLE_ATTEMPTS_MAX = 4;

type Release = Extract<GateResult, { kind: "release" }>;
type Refusal = Extract<GateResult, { kind: "refuse" }>;
type Held = Extract<GateResult, { kind: "hold" }>;

/** What a connection's decisions need. */
export interface DeciderParts {
  readonly gate: Gate;
  readonly caller: Caller;
  readonly timers: Timers;
  readonly limits: { readonly throttleWaitMs: number; readonly holdWaitMs: number };
  /** Whether held messages of this subject hold back what follows them. */
  isStrictlyOrdered(subject: string): boolean;
  /** Publishes an approved message when its connection can't, or needn't, any more. */
  releaseHeld(release: Release): void;
  /** Told of every decision and how long it took to be made and recorded. */
  decided(message: Message, decision: Decision, tookMs: number): void;
  stood(count: number): void;
}

/** From what the gate says to what the wire does, for one connection. */
export interface Decider {
  decide(message: Message): PublishVerdict | Promise<PublishVerdict>;
  standing(subject: string): StandingVerdict | undefined;
  /** The connection is gone: nothing waits on, and what was decided but not sent has failed. */
  close(): void;
}

export function createDecider(parts: DeciderParts): Decider {
  const { gate, caller } = parts;
  const unsent = new Set<ReleaseDone>();
  const closing = new AbortController();
  // Throttled messages of a connection wait one after the other, so that a burst asks the store no oftener than it must.
  let lastThrottled: Promise<unknown> = Promise.resolve();
  return {
    decide: (message) => mapResult(submit(message), (result) => toVerdict(message, result)),
    standing: (subject) => {
      const release = gate.standing(subject, caller);
      return release === undefined ? undefined : counted(release, parts);
    },
    close: () => {
      closing.abort();
      for (const done of unsent) done("failed");
      unsent.clear();
    },
  };

  function submit(message: Message): GateResult | PromiseLike<GateResult> {
    const startMs = performance.now();
    return mapResult(gate.submit(message, caller), (result) => {
      parts.decided(message, result.decision, performance.now() - startMs);
      return result;
    });
  }

  function toVerdict(message: Message, result: GateResult): PublishVerdict | Promise<PublishVerdict> {
    switch (result.kind) {
      case "release":
        return toRelease(result);
      case "refuse":
        return result.status === 429 ? waitForTurn(message, result) : toRefusal(result.decision, result.status);
      case "hold":
        return parts.isStrictlyOrdered(message.subject) ? keepInQueue(result) : park(message, result);
    }
  }

  function toRelease({ decision, message, done }: Release): Extract<PublishVerdict, { kind: "release" }> {
    unsent.add(done);
    const sent = (): void => {
      if (unsent.delete(done)) done("released");
    };
    return decision.outcome === "ALLOW" ? { kind: "release", sent } : { kind: "release", message, sent };
  }

  function waitForTurn(message: Message, first: Refusal): PublishVerdict | Promise<PublishVerdict> {
    const deadlineMs = performance.now() + parts.limits.throttleWaitMs;
    if (retryAfterMs(first.decision) > parts.limits.throttleWaitMs) return toRefusal(first.decision, 429);
    const turn = lastThrottled.then(async () => askAgain(message, first, deadlineMs));
    lastThrottled = turn;
    return turn;
  }

  async function askAgain(message: Message, first: Refusal, deadlineMs: number): Promise<PublishVerdict> {
    let refusal = first;
    for (let attempt = 0; attempt < THROTTLE_ATTEMPTS_MAX; attempt++) {
      const delayMs = retryAfterMs(refusal.decision);
      if (performance.now() + delayMs > deadlineMs || !(await hasSlept(delayMs))) break;
      const result = await submit(message);
      if (result.kind !== "refuse" || result.status !== 429) return toVerdict(message, result);
      refusal = result;
    }
    return toRefusal(refusal.decision, 429);
  }

  async function hasSlept(delayMs: number): Promise<boolean> {
    try {
      await parts.timers.sleep(delayMs, closing.signal);
      return true;
    } catch {
      return false; // Closed meanwhile.
    }
  }

  function park(message: Message, held: Held): PublishVerdict {
    const ended = held.settled.then((result) => {
      if (result.kind === "release") parts.releaseHeld(result);
      return result;
    });
    if (message.reply === "") return { kind: "park" };
    return { kind: "park", followUp: followUp(held.decision, ended) };
  }

  /** What the sender of a held request is told: nothing when it is released in time, 403 when it is denied in time, else 428. */
  async function followUp(decision: Decision, ended: Promise<GateResult>): Promise<PublishRefusal | undefined> {
    const over = new AbortController();
    const waited = parts.timers.sleep(parts.limits.holdWaitMs, AbortSignal.any([closing.signal, over.signal]));
    const result = await Promise.race([ended, waited.then(noResult, noResult)]);
    over.abort();
    if (result === undefined) return toRefusal(decision, 428);
    return result.kind === "refuse" ? toRefusal(result.decision, result.status) : undefined;
  }

  async function keepInQueue(held: Held): Promise<PublishVerdict> {
    const result = await held.settled;
    if (result.kind === "refuse") return toRefusal(result.decision, result.status);
    if (result.kind === "hold") return keepInQueue(result);
    if (!closing.signal.aborted) return { ...toRelease(result), message: result.message };
    parts.releaseHeld(result);
    return { kind: "park" };
  }
}

function noResult(): undefined {
  return undefined;
}

function mapResult<T, U>(value: T | PromiseLike<T>, map: (value: T) => U | Promise<U>): U | Promise<U> {
  return isPromiseLike(value) ? Promise.resolve(value).then(map) : map(value);
}

function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === "object" && value !== null && "then" in value;
}

function toRefusal(decision: Decision, status: PublishRefusal["status"]): PublishRefusal {
  return {
    kind: "refuse",
    status,
    reason: decision.reason,
    ruleId: decision.rule_ids[0] ?? "",
    decisionId: decision.decision_id,
    ...(decision.throttle !== undefined && { retryAfterMs: decision.throttle.retry_after_ms }),
  };
}

function retryAfterMs(decision: Decision): number {
  return decision.throttle?.retry_after_ms ?? Number.POSITIVE_INFINITY;
}

function counted(release: StandingRelease, parts: DeciderParts): StandingVerdict {
  return {
    isCurrent: () => release.isCurrent(),
    account: (count, frames) => {
      release.account(count, frames);
      parts.stood(count);
    },
  };
}
