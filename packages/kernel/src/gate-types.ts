import type { Caller, Decision, Message } from "@cortexos/protocol";
import type { MaybePromise } from "./ports.ts";

/** What becomes of a submitted message. Refusals are values; nothing here is thrown. */
export type GateResult =
  /** The record is as strong as it must be: send exactly this message, now. */
  | { readonly kind: "release"; readonly decision: Decision; readonly message: Message; readonly done: ReleaseDone }
  /**
   * Never send it. `status` is the code of a reply to the sender (design §7). `recorded` is there when its record has to wait, and resolves when it is
   * written or counted as unrecorded: whoever can slow its sender down tells the refusal after it.
   */
  | {
      readonly kind: "refuse";
      readonly decision: Decision;
      readonly status: 403 | 429;
      readonly recorded?: PromiseLike<void>;
    }
  /** Parked. `settled` gives the release (to be sent with `Nats-Msg-Id: <decision id>`), or the refusal, later. */
  | { readonly kind: "hold"; readonly decision: Decision; readonly settled: Promise<GateResult> };

/** Tells the gate what became of a release; writes the outcome record and commits or voids the reservation. */
export type ReleaseDone = (result: "released" | "failed" | "unknown") => void;

/** The whole way of a message: input, evaluation, combination, patches, state, record. Pure over its ports. */
export interface Gate {
  /**
   * Decides a message and makes its record. Never throws and never rejects: whatever goes wrong is a refusal with a reason code.
   *
   * @param message - valid; not kept after the result unless it is held.
   */
  submit(message: Message, caller: Caller): MaybePromise<GateResult>;

  /**
   * A release that holds for every plain message (no reply, no headers) on a subject from this caller while the policy stays current, or the choice of
   * one by payload. Given only where the subject's records are `buffered` and the plan shows that nothing else of the message is read; what asks
   * for a throttle, budget or patch has none. `undefined` means: submit each message.
   */
  standing(subject: string, caller: Caller): StandingRelease | StandingChoice | undefined;
}

/** Standing releases of one subject: one for each group of payloads that agree wherever the policy reads them. */
export interface StandingChoice {
  /** False once the policy was replaced: ask again. */
  isCurrent(): boolean;
  /**
   * @param payload - of a plain message; not kept.
   * @returns the release of every such message, current now; `undefined` means: submit it.
   */
  choose(payload: Uint8Array): StandingRelease | undefined;
}

/** A decision that stands for a run of messages. */
export interface StandingRelease {
  /** False once the policy was replaced: ask again. */
  isCurrent(): boolean;
  /**
   * Accounts for messages before they are sent: adds them to the run's buffered record.
   *
   * @param count - messages in `frames`.
   * @param frames - their canonical frames as they go upstream; hashed, not kept.
   */
  account(count: number, frames: Uint8Array): void;
}
