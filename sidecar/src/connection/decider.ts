import type { Gate, GateResult, Timers } from "@cortexos/kernel";
import type { Caller, Decision, Message } from "@cortexos/protocol";
import type { ProxyHost, PublishRefusal, PublishVerdict } from "@cortexos/wire";
import type { PressureShare } from "./pressure.ts";
import { toRefusal } from "./refusal.ts";

type Release = Extract<GateResult, { kind: "release" }>;
type Held = Extract<GateResult, { kind: "hold" }>;
type ReleaseVerdict = Extract<PublishVerdict, { kind: "release" }>;

/** What a connection's decisions need. */
export interface DeciderParts {
  readonly gate: Gate;
  /** Known once the client is connected; nothing is decided before. */
  readonly caller: Caller;
  readonly timers: Timers;
  readonly limits: { readonly holdWaitMs: number };
  /** Whether held messages of this subject hold back what follows them. */
  isStrictlyOrdered(subject: string): boolean;
  /** Publishes an approved message apart from its connection. */
  releaseHeld(release: Release): void;
  /** Told of every decision and how long it took to be made and recorded. */
  decided(message: Message, decision: Decision, tookMs: number): void;
  /** Told of every message that has to wait for its decision or record, and of its end. */
  readonly pressure: PressureShare;
}

/** From what the gate says to what the wire does, for one connection. */
export interface Decider {
  decide(message: Message): PublishVerdict | Promise<PublishVerdict>;
  standing: ProxyHost["standing"];
  /** The connection is gone: a held message of a strictly ordered subject goes its own way from now on. */
  close(): void;
}

export function createDecider(parts: DeciderParts): Decider {
  const { gate } = parts;
  let isClosed = false;
  return {
    decide: (message) => mapResult(submit(message), (result) => toVerdict(message, result)),
    standing: (subject) => gate.standing(subject, parts.caller),
    close: () => {
      isClosed = true;
    },
  };

  function submit(message: Message): GateResult | Promise<GateResult> {
    const startMs = performance.now();
    const told = (result: GateResult): GateResult => {
      parts.decided(message, result.decision, performance.now() - startMs);
      return result;
    };
    const submitted = mapResult(gate.submit(message, parts.caller), recorded);
    if (!isPromiseLike(submitted)) return told(submitted);
    const { length } = message.payload;
    parts.pressure.enter(length);
    return Promise.resolve(submitted).then((result) => {
      parts.pressure.leave(length);
      return told(result);
    });
  }

  function toVerdict(message: Message, result: GateResult): PublishVerdict | Promise<PublishVerdict> {
    switch (result.kind) {
      case "release":
        return toRelease(result);
      case "refuse":
        return toRefusal(result.decision, result.status);
      case "hold":
        return parts.isStrictlyOrdered(message.subject) ? keepInQueue(result) : park(message, result, parts);
    }
  }

  async function keepInQueue(held: Held): Promise<PublishVerdict> {
    const result = await held.settled;
    if (result.kind === "refuse") return toRefusal(result.decision, result.status);
    if (result.kind === "hold") return keepInQueue(result);
    if (!isClosed) return { ...toRelease(result), message: result.message };
    parts.releaseHeld(result);
    return { kind: "park" };
  }
}

/** A refusal whose record has to wait is told after it: its sender is read no faster than the record sink takes them. */
function recorded(result: GateResult): GateResult | Promise<GateResult> {
  if (result.kind !== "refuse" || result.recorded === undefined) return result;
  return Promise.resolve(result.recorded).then(() => result);
}

function toRelease({ decision, message, done }: Release): ReleaseVerdict {
  const verdict = {
    kind: "release",
    sent: () => {
      done("released");
    },
    dropped: () => {
      done("failed");
    },
  } as const;
  return decision.outcome === "ALLOW" ? verdict : { ...verdict, message };
}

/** Takes a held message out of the queue; its release goes its own way, whether or not the connection is still there. */
function park(message: Message, held: Held, parts: DeciderParts): PublishVerdict {
  const ended = held.settled.then((result) => {
    if (result.kind === "release") parts.releaseHeld(result);
    return result;
  });
  if (message.reply === "") return { kind: "park" };
  return { kind: "park", followUp: followUp(held.decision, ended, parts) };
}

/** What the sender of a held request is told: nothing when it is released in time, 403 when it is denied in time, else 428. */
async function followUp(
  decision: Decision,
  ended: Promise<GateResult>,
  { timers, limits }: DeciderParts,
): Promise<PublishRefusal | undefined> {
  const over = new AbortController();
  const waited = timers.sleep(limits.holdWaitMs, over.signal);
  const result = await Promise.race([ended, waited.then(noResult, noResult)]);
  over.abort();
  if (result === undefined) return toRefusal(decision, 428);
  return result.kind === "refuse" ? toRefusal(result.decision, result.status) : undefined;
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
