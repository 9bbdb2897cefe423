import type { Caller, Message } from "@cortexos/protocol";
import { draftDecision, type DraftTerms } from "./draft.ts";
import { isJetStreamApi } from "./effects.ts";
import { payloadForm } from "./message-view.ts";
import type { ActivePolicy } from "./ports.ts";
import { prepareInput } from "./prepare.ts";
import { readsPayload } from "./reads.ts";
import { recordDurability } from "./recorder.ts";

/** Whose plain messages, and where to. */
export interface Asked {
  readonly caller: Caller;
  readonly subject: string;
}

/** Whether messages of a subject can share a record, and everything that a policy reads of them can be told from subject and payload. */
export function canStand(policy: ActivePolicy, subject: string): boolean {
  // Its requests lie in their payloads, and one that isn't JSON is DENY whatever a policy makes of it.
  if (isJetStreamApi(subject) && readsPayload(policy, subject)) return false;
  const { format } = payloadForm(policy.manifest, subject);
  const isUntyped = format !== "protobuf";
  return isUntyped && recordDurability(policy.manifest, subject) === "buffered";
}

/**
 * The decision on a plain message with this payload, and on every one that the policy can't tell from it; `undefined` when it is no plain ALLOW.
 */
export function draftStanding(
  policy: ActivePolicy,
  { caller, subject }: Asked,
  { nowNs, payload }: { readonly nowNs: bigint; readonly payload: Uint8Array },
): DraftTerms | undefined {
  const message: Message = { subject, reply: "", headers: [], payload };
  const { fault, input, text } = prepareInput(message, caller, { policy, nowNs: nowNs.toString(), budgetState: {} });
  if (fault !== undefined) return undefined;
  const draft = draftDecision(input, text, policy);
  if (draft.outcome !== "ALLOW") return undefined;
  const { budgets, hold, patch, throttles } = draft.terms;
  const isPlain = budgets.length === 0 && throttles.length === 0 && hold === undefined && patch === undefined;
  return isPlain ? draft : undefined;
}
