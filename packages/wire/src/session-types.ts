import type { Message } from "@cortexos/protocol";

/** What the host answers for one publish. */
export type PublishVerdict =
  /** Forward it: as it was parsed, or as `message` says when a policy changed it. */
  | { readonly kind: "release"; readonly message?: Message; readonly sent?: () => void }
  /** Don't forward it; tell the sender as design §7 and the status say. */
  | PublishRefusal
  /** Take it out of the queue and say nothing now; later messages overtake it. */
  | { readonly kind: "park"; readonly followUp?: PromiseLike<PublishRefusal | undefined> };

export interface PublishRefusal {
  readonly kind: "refuse";
  /** 403 denied, 428 waits for a human, 429 throttled. */
  readonly status: 403 | 428 | 429;
  /** For people; sanitised and cut by the codec before it reaches the wire. */
  readonly reason: string;
  readonly ruleId: string;
  readonly decisionId: string;
  readonly retryAfterMs?: number;
}

/** A protocol violation of the client: named, recorded, and the end of this connection alone. */
export interface WireFault {
  /** Stable code, for example `wire.control_line`. */
  readonly code: string;
  readonly reason: string;
}

/** A release that holds for a run of plain messages on one subject. */
export interface StandingVerdict {
  isCurrent(): boolean;
  /** Told before `frames` (canonical, `count` messages) are written upstream. */
  account(count: number, frames: Uint8Array): void;
}

/** Effects of a proxied connection; the composition root carries them out in order. */
export interface ProxyHost {
  /** Decide one publish. The message's buffers are only valid until this returns, unless it returns a promise or parks. */
  decide(message: Message): PublishVerdict | PromiseLike<PublishVerdict>;
  /**
   * Whether plain messages (no reply, no headers) on this subject are released without looking at each. Asked once a subject and kept in
   * a bounded table until `isCurrent()` turns false, so that runs of them are forwarded as one slice.
   */
  standing(subject: string): StandingVerdict | undefined;
  writeUpstream(bytes: Uint8Array): void;
  writeClient(bytes: Uint8Array): void;
  /** Stop or go on reading from the client: the queue of undecided messages has reached a bound, or is empty again. */
  setClientPaused(paused: boolean): void;
  /** Close both sides. `fault` is set when the client broke the protocol. What was written before is flushed first. */
  close(fault?: WireFault): void;
}
