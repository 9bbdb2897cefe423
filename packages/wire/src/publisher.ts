import { Buffer } from "node:buffer";
import { checkPublishSubject, type Message } from "@cortexos/protocol";
import type { ClientFrame } from "./client-frame.ts";
import type { Downstream } from "./downstream.ts";
import type { OrderedQueue, QueueEntry } from "./ordered-queue.ts";
import type { Refuser } from "./refuser.ts";
import { serialisePublish } from "./serialise.ts";
import type { ProxyHost, PublishRefusal, PublishVerdict, StandingChoice, StandingVerdict } from "./session-types.ts";
import { createSubjectTable, type KnownSubject, type SubjectTable } from "./subject-table.ts";
import type { UpstreamRun } from "./upstream-run.ts";
import { isWireError, type WireErrorCode } from "./wire-error.ts";

export interface PublisherParts {
  readonly host: ProxyHost;
  readonly queue: OrderedQueue;
  readonly run: UpstreamRun;
  readonly downstream: Downstream;
  readonly refuser: Refuser;
  /** Lets the frame at hand span those that follow it with the same line; gives their count. */
  readonly nextAlike: () => number;
  payloadBytesMax(): number;
  /** The client's connection takes HPUB. */
  acceptsHeaders(): boolean;
  isEnded(): boolean;
  /** A verdict that was waited for is there. */
  settled(): void;
}

/** Takes a publish from its frame to what the verdict says. */
export interface Publisher {
  /**
   * Releases a plain publish under a standing verdict.
   *
   * @returns false when there is none, or something waits before it.
   */
  stand(frame: ClientFrame): boolean;
  publish(frame: ClientFrame): void;
}

export function createPublisher(parts: PublisherParts): Publisher {
  return new VerdictPublisher(parts);
}

class VerdictPublisher implements Publisher {
  readonly #parts: PublisherParts;
  readonly #subjects: SubjectTable;

  constructor(parts: PublisherParts) {
    this.#parts = parts;
    this.#subjects = createSubjectTable((subject) => parts.host.standing(subject));
  }

  stand(frame: ClientFrame): boolean {
    if (!frame.isPlain || !this.#parts.queue.isEmpty) return false;
    const standing = this.#subjects.standing(this.#subjects.get(frame));
    if (standing === undefined) return false;
    return "choose" in standing ? this.#standByPayload(frame, standing) : this.#standWithAlike(frame, standing);
  }

  #standByPayload(frame: ClientFrame, choice: StandingChoice): boolean {
    const verdict = choice.choose(payloadOf(frame));
    if (verdict === undefined) return false;
    this.#parts.run.addStanding(frame, verdict, 1);
    return true;
  }

  /** Frames with the same line have the same verdict: only the first of them is looked up. */
  #standWithAlike(frame: ClientFrame, verdict: StandingVerdict): true {
    const { nextAlike, run } = this.#parts;
    run.addStanding(frame, verdict, 1);
    const count = nextAlike();
    if (count > 0) run.addStanding(frame, verdict, count);
    return true;
  }

  publish(frame: ClientFrame): void {
    const { queue } = this.#parts;
    const known = this.#subjects.get(frame);
    const mayWait = !queue.isEmpty;
    const message = toMessage(frame, known);
    const fault = known.isValid ? checkReply(message.reply) : checkPublishSubject(message.subject);
    const verdict = fault === undefined ? this.#decide(message) : this.#decideUnreleasable(message, fault);
    if (isPromiseLike(verdict)) this.#wait(keep(frame, message), message, verdict);
    else if (mayWait) queue.push(this.#entry(keep(frame, message), message, verdict));
    else this.#act(frame, message, verdict);
  }

  #decide(message: Message): PublishVerdict | PromiseLike<PublishVerdict> {
    try {
      return this.#parts.host.decide(message);
    } catch {
      return this.#decisionFailed(message);
    }
  }

  /** The host decides, so that there is a record; but what can't be published to isn't, whatever it says. */
  #decideUnreleasable(message: Message, ruleId: string): PublishVerdict | PromiseLike<PublishVerdict> {
    const hold = (verdict: PublishVerdict): PublishVerdict =>
      verdict.kind === "release" ? this.#refuseRelease(message, verdict, ruleId) : verdict;
    const verdict = this.#decide(message);
    return isPromiseLike(verdict) ? verdict.then(hold) : hold(verdict);
  }

  #wait(frame: PublishFrame, message: OwnMessage, verdict: PromiseLike<PublishVerdict>): void {
    const entry = this.#entry(frame, message, undefined);
    this.#parts.queue.push(entry);
    const settle = (answer: PublishVerdict): void => {
      if (this.#parts.isEnded()) {
        tellDropped(answer);
        return;
      }
      entry.verdict = answer;
      entry.isReady = true;
      this.#parts.settled();
    };
    verdict.then(settle, () => {
      settle(this.#decisionFailed(message));
    });
  }

  #entry(frame: PublishFrame, message: OwnMessage, decided: PublishVerdict | undefined): PublishEntry {
    const entry: PublishEntry = {
      bytes: frame.end - frame.start,
      isReady: decided !== undefined,
      verdict: decided,
      act: () => {
        if (entry.verdict !== undefined) this.#act(frame, message, entry.verdict);
      },
      drop: () => {
        if (entry.verdict !== undefined) tellDropped(entry.verdict);
      },
    };
    return entry;
  }

  #act(frame: PublishFrame, message: OwnMessage, verdict: PublishVerdict): void {
    switch (verdict.kind) {
      case "release":
        this.#release(frame, message, verdict);
        return;
      case "refuse":
        this.#refuse(message, verdict);
        return;
      case "park":
        keep(frame, message);
        this.#park(message.reply, verdict.followUp);
        return;
    }
  }

  #park(reply: string, followUp: PromiseLike<PublishRefusal | undefined> | undefined): void {
    const { run, downstream, refuser } = this.#parts;
    run.flush();
    downstream.answer({});
    followUp?.then((refusal) => {
      if (refusal !== undefined && !this.#parts.isEnded()) refuser.refuseLater(reply, refusal);
    }, ignore);
  }

  #release(frame: PublishFrame, message: OwnMessage, verdict: Release): void {
    const { run, host } = this.#parts;
    if (verdict.message === undefined && frame.isCanonical) {
      run.add(frame, verdict.sent);
      return;
    }
    const bytes = this.#serialise(verdict.message ?? message);
    if (typeof bytes === "string") {
      this.#refuse(message, this.#refuseRelease(message, verdict, bytes));
      return;
    }
    run.flush();
    host.writeUpstream(bytes);
    verdict.sent?.();
  }

  /** @returns the frame, or why not as a rule id. */
  #serialise(message: Message): Uint8Array | WireErrorCode {
    if (message.headers.length > 0 && !this.#parts.acceptsHeaders()) return "wire.no_headers";
    try {
      const bytes = serialisePublish(message);
      const bodyBytes = bytes.length - bytes.indexOf(LF) - 3;
      return bodyBytes > this.#parts.payloadBytesMax() ? "wire.payload_too_large" : bytes;
    } catch (reason) {
      return isWireError(reason) ? reason.code : "wire.unserialisable";
    }
  }

  #refuse(message: Message, refusal: PublishRefusal): void {
    this.#parts.run.flush();
    this.#parts.refuser.refuse(message, refusal);
  }

  #refuseRelease(message: Message, verdict: Release, ruleId: string): PublishRefusal {
    verdict.dropped?.();
    const refusal = ownRefusal(ruleId, "the message can't be published");
    this.#parts.host.refused?.(message, refusal);
    return refusal;
  }

  #decisionFailed(message: Message): PublishRefusal {
    const refusal = ownRefusal("wire.decision_failed", "the decision failed");
    this.#parts.host.refused?.(message, refusal);
    return refusal;
  }
}

interface PublishEntry extends QueueEntry {
  verdict: PublishVerdict | undefined;
}

const LF = 0x0a;

type Release = Extract<PublishVerdict, { kind: "release" }>;

/** The parts of a frame that outlive the parser's next one. */
type PublishFrame = Pick<ClientFrame, "bytes" | "start" | "end" | "isCanonical" | "payloadStart" | "payloadEnd">;

/** A message whose payload moves into a copy when it has to be kept. */
interface OwnMessage extends Message {
  payload: Uint8Array;
}

function toMessage(frame: ClientFrame, known: KnownSubject): OwnMessage {
  const { bytes, replyStart, replyEnd, headers, payloadStart, payloadEnd } = frame;
  const reply = replyStart === replyEnd ? "" : bytes.toString("latin1", replyStart, replyEnd);
  return { subject: known.subject, reply, headers, payload: bytes.subarray(payloadStart, payloadEnd) };
}

function payloadOf({ bytes, payloadStart, payloadEnd }: ClientFrame): Uint8Array {
  return bytes.subarray(payloadStart, payloadEnd);
}

/** Copies a frame that waits, so that a small one doesn't keep its whole chunk in memory. */
function keep(frame: PublishFrame, message: OwnMessage): PublishFrame {
  const { start, end, isCanonical, payloadStart, payloadEnd } = frame;
  const isOwn = start === 0 && frame.bytes.length === end;
  const bytes = isOwn ? frame.bytes : Buffer.from(frame.bytes.subarray(start, end));
  if (!isOwn) message.payload = bytes.subarray(payloadStart - start, payloadEnd - start);
  return {
    bytes,
    start: 0,
    end: end - start,
    isCanonical,
    payloadStart: payloadStart - start,
    payloadEnd: payloadEnd - start,
  };
}

function checkReply(reply: string): string | undefined {
  return reply !== "" && checkPublishSubject(reply) !== undefined ? "reply.invalid" : undefined;
}

function ownRefusal(ruleId: string, reason: string): PublishRefusal {
  return { kind: "refuse", status: 403, reason, ruleId, decisionId: "" };
}

function tellDropped(verdict: PublishVerdict): void {
  if (verdict.kind === "release") verdict.dropped?.();
}

function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === "object" && value !== null && "then" in value;
}

/** A follow-up that fails has nothing to say to the client. */
function ignore(): void {}
