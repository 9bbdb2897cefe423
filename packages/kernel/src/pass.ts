import type { Caller, Decision, Input, Message } from "@cortexos/protocol";
import type { DecisionBase, DecisionContext } from "./decide.ts";
import type { DraftTerms } from "./draft.ts";
import type { StateTaken } from "./take-state.ts";
import type { ActivePolicy } from "./ports.ts";

/** A message on its way through the gate. */
export interface Submission {
  readonly message: Message;
  readonly caller: Caller;
  /** Set when the message was held and approved. */
  readonly approved?: ApprovedHold;
  /** How long it may still wait for a throttle. */
  readonly waitMsLeft: number;
}

/** A held message with its approvals. */
export interface ApprovedHold {
  readonly approval: NonNullable<DecisionContext["approval"]>;
  /** Whether the approvals meet what the current policy asks for. */
  readonly meets: (draft: DraftTerms) => boolean;
  /** What was approved, byte for byte. */
  readonly released: Message;
}

/** One pass of a message: everything that is known about it. */
export interface Pass {
  readonly submission: Submission;
  readonly policy: ActivePolicy | undefined;
  readonly startNs: bigint;
  readonly input: Input;
  readonly base: DecisionBase;
}

/** A decision to release, with what was taken for it. */
export interface Granted {
  readonly decision: Decision;
  readonly draft: DraftTerms;
  readonly taken: StateTaken;
}

/** A message that must wait for a human. */
export interface Parking {
  readonly caller: Caller;
  readonly decision: Decision;
  readonly input: Input;
  /** As it would be released. */
  readonly message: Message;
}
