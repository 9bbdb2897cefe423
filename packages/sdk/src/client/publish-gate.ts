import { matchesSubject, type Caller, type Decision, type Message } from "@cortexos/protocol";
import type { GateResult } from "@cortexos/kernel";
import { createOrderedQueue, decisionRefusal, type PublishRefusal, type QueueEntry } from "@cortexos/wire";
import { FLOW_LABELS_HEADER } from "../flow-labels.ts";
import { GUARD_QUEUE_BYTES_MAX, GUARD_QUEUE_COUNT_MAX } from "../limits.ts";
import type { GuardCore } from "../open-guard.ts";
import { isPromiseLike } from "../promise-like.ts";
import { SdkError } from "../sdk-error.ts";
import type { FrameWriter } from "./frame-writer.ts";
import { payloadBytes } from "./run-buffer.ts";
import { createStandingTable, standingRelease, type StandingTable } from "./standing-table.ts";

type Release = Extract<GateResult, { kind: "release" }>;

/** Who sent a message, and wants to know what becomes of it. */
export interface Sender {
  /** It was handed to the client. */
  released?(decision: Decision): void;
  /** It never will be. Called while `send` runs where the gate answers at once. */
  refused(refusal: PublishRefusal, decision: Decision): void;
  /** It waits for a human. */
  held?(decision: Decision): void;
  /** A message that was held is wanted no more: nothing is sent. */
  isWithdrawn?(): boolean;
}

/** The way of everything that a connection sends. */
export interface PublishGate {
  /**
   * Decides a message and sends it once its record is there, in order.
   *
   * @throws SdkError `queue.full`.
   */
  send(message: Message, sender: Sender): void;
  /**
   * Sends a plain message (no reply, no headers) under a standing decision.
   *
   * @returns false when there is none.
   */
  stand(subject: string, payload: Uint8Array | string): boolean;
  /** Hands over what was sent under standing decisions, before something else is. */
  flushRun(): void;
  /** Does something after everything that waits; at once when nothing does. */
  inOrder(action: () => void, dropped?: () => void): void;
  readonly isIdle: boolean;
  /** Resolves when nothing waits any more. */
  idle(): Promise<void>;
  /** The connection is gone: what waits is never sent. */
  drop(): void;
}

export interface PublishGateParts {
  readonly core: GuardCore;
  readonly writer: FrameWriter;
  /** Whether the connection is up: what is handed to a client that isn't may be lost. */
  readonly isConnected: () => boolean;
}

export function createPublishGate(parts: PublishGateParts): PublishGate {
  return new OrderedPublishGate(parts);
}

class OrderedPublishGate implements PublishGate {
  readonly #parts: PublishGateParts;
  readonly #queue = createOrderedQueue({ countMax: GUARD_QUEUE_COUNT_MAX, bytesMax: GUARD_QUEUE_BYTES_MAX });
  readonly #standings: StandingTable;
  #idleWaiters: (() => void)[] = [];
  #isDropped = false;

  constructor(parts: PublishGateParts) {
    this.#parts = parts;
    this.#standings = createStandingTable(parts.core.gate, parts.core.policy);
  }

  send(message: Message, sender: Sender): void {
    const { gate, sessions } = this.#parts.core;
    const caller = sessions.current().caller();
    if (this.#queue.isFull) throw new SdkError("queue.full", "too many messages wait for their records");
    const submitted = gate.submit(stamp(message, caller), caller);
    if (isPromiseLike(submitted)) this.#waitFor(submitted, message, sender);
    else this.#conclude(submitted, message, sender);
  }

  stand(subject: string, payload: Uint8Array | string): boolean {
    const { feed, sessions } = this.#parts.core;
    // One decision for many messages shows none of them by itself.
    if (!this.#queue.isEmpty || feed.isWatched()) return false;
    const caller = sessions.current().caller();
    if (caller.context_labels !== undefined) return false;
    const standing = this.#standings.find(subject, caller);
    if (standing === undefined) return false;
    const { writer } = this.#parts;
    if (!writer.run.add(subject, payload, (copy) => standingRelease(standing, copy))) return false;
    writer.count(payloadBytes(payload));
    return true;
  }

  flushRun(): void {
    this.#parts.writer.run.flush();
  }

  inOrder(action: () => void, dropped?: () => void): void {
    if (this.#queue.isEmpty) action();
    else this.#queue.push({ bytes: 0, isReady: true, act: action, ...(dropped !== undefined && { drop: dropped }) });
  }

  get isIdle(): boolean {
    return this.#queue.isEmpty;
  }

  async idle(): Promise<void> {
    if (this.#queue.isEmpty) return;
    await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
  }

  drop(): void {
    if (!this.#isDropped) this.flushRun();
    this.#isDropped = true;
    this.#queue.drop();
    this.#drain();
  }

  /** A message whose decision or record comes later keeps its place. */
  #waitFor(submitted: PromiseLike<GateResult>, message: Message, sender: Sender): void {
    let result: GateResult | undefined;
    const entry: QueueEntry = {
      bytes: message.payload.length,
      isReady: false,
      act: () => {
        if (result !== undefined) this.#act(result, message, sender);
      },
      drop: () => {
        if (result?.kind === "release") result.done("failed");
      },
    };
    const settle = (settled: GateResult): void => {
      if (settled.kind === "hold" && this.#isStrictlyOrdered(message.subject)) {
        sender.held?.(settled.decision);
        void settled.settled.then(settle);
        return;
      }
      result = settled;
      entry.isReady = true;
      // Dropped before: nobody will act on it.
      if (this.#isDropped) entry.drop?.();
      else this.#drain();
    };
    this.#queue.push(entry);
    void submitted.then(settle);
  }

  /** A refusal is told at once; what is released waits its turn. */
  #conclude(result: GateResult, message: Message, sender: Sender): void {
    if (this.#queue.isEmpty || result.kind !== "release") {
      this.#act(result, message, sender);
      return;
    }
    const drop = (): void => {
      result.done("failed");
    };
    const act = (): void => {
      this.#act(result, message, sender);
    };
    this.#queue.push({ bytes: message.payload.length, isReady: true, act, drop });
  }

  #act(result: GateResult, message: Message, sender: Sender): void {
    switch (result.kind) {
      case "release":
        this.#release(result, sender);
        return;
      case "refuse":
        sender.refused(decisionRefusal(result.decision, result.status), result.decision);
        return;
      case "hold":
        sender.held?.(result.decision);
        if (this.#isStrictlyOrdered(message.subject)) this.#waitFor(result.settled, message, sender);
        else {
          void result.settled.then((settled) => {
            this.#act(settled, message, sender);
          });
        }
        return;
    }
  }

  #release({ decision, message, done }: Release, sender: Sender): void {
    if (this.#isDropped || sender.isWithdrawn?.() === true) {
      done("failed");
      return;
    }
    const fault = this.#parts.writer.write(message);
    if (fault === undefined) {
      done(this.#parts.isConnected() ? "released" : "unknown");
      sender.released?.(decision);
      return;
    }
    done("failed");
    sender.refused({ ...decisionRefusal(decision, 403), ruleId: fault, reason: "it can't be sent" }, decision);
  }

  #isStrictlyOrdered(subject: string): boolean {
    const patterns = this.#parts.core.policy.current()?.manifest.strict_order ?? [];
    return patterns.some((pattern) => matchesSubject(pattern, subject));
  }

  #drain(): void {
    this.#queue.drain();
    if (!this.#queue.isEmpty) return;
    const waiters = this.#idleWaiters;
    this.#idleWaiters = [];
    for (const resolve of waiters) resolve();
  }
}

/** What labels a message carries is for the guard to say: the sender's own word is taken out. */
function stamp(message: Message, { context_labels: labels = [] }: Caller): Message {
  const { headers } = message;
  const isClaimed = headers.some(([name]) => name.toLowerCase() === FLOW_LABELS_HEADER);
  if (!isClaimed && labels.length === 0) return message;
  const others = headers.filter(([name]) => name.toLowerCase() !== FLOW_LABELS_HEADER);
  return { ...message, headers: labels.length === 0 ? others : [...others, [FLOW_LABELS_HEADER, labels.join(",")]] };
}
