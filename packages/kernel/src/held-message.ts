import { digestFrame, type Caller, type Message } from "@cortexos/protocol";
import type { HoldRequirement } from "./combine.ts";
import type { DraftTerms } from "./draft.ts";
import { approverRoles } from "./judge-hold.ts";
import type { Parking, Submission } from "./pass.ts";
import type { Hold } from "./ports.ts";

/** The hold of a message that must wait. It carries the id by which its release arrives once. */
export function holdOf({ caller, decision, input, message }: Parking): Hold {
  const id = decision.decision_id;
  const hasOwnId = message.headers.some(([name]) => name.toLowerCase() === MESSAGE_ID_HEADER.toLowerCase());
  const asReleased: Message = {
    ...message,
    headers: hasOwnId ? message.headers : [...message.headers, [MESSAGE_ID_HEADER, id]],
    // The sender's buffer is used again while this waits.
    payload: new Uint8Array(message.payload),
  };
  return {
    id,
    decision,
    message: asReleased,
    input,
    frameSha256: digestFrame(asReleased),
    requester: caller.principal,
    approvals: [],
    status: "waiting",
  };
}

/** An approved hold as a message to be decided again: by what is current now, and released as it was shown or not at all. */
export function approvedSubmission(hold: Hold, waitMsLeft: number): Submission {
  const approval = { hold_id: hold.id, approved_by: hold.approvals.map(({ by }) => by) };
  const meets = (draft: DraftTerms): boolean => draft.terms.hold === undefined || isMet(hold, draft.terms.hold);
  return {
    caller: callerOf(hold),
    message: asDecided(hold),
    approved: { approval, meets, released: hold.message },
    waitMsLeft,
  };
}

/** JetStream stores a message of one id once. */
const MESSAGE_ID_HEADER = "Nats-Msg-Id";

/** The sender as it was when the message was held. */
function callerOf({ input, requester }: Hold): Caller {
  const { context, job_meta: job } = input;
  return {
    principal: requester,
    environment: job.environment,
    labels: job.labels,
    source: context.source,
    session: context.session,
    context_labels: context.labels,
  };
}

/** The held message without the id that the gate gave it. */
function asDecided({ id, message }: Hold): Message {
  const headers = message.headers.filter(([name, value]) => name !== MESSAGE_ID_HEADER || value !== id);
  return { ...message, headers };
}

/** Whether the approvals given meet what is asked for now: no role that the approvers needn't have had, no larger quorum. */
function isMet(hold: Hold, now: HoldRequirement): boolean {
  const had = approverRoles(hold.decision.hold?.approvers ?? "");
  const distinct = new Set(hold.approvals.map(({ by }) => by)).size;
  return distinct >= now.quorum && approverRoles(now.approvers).every((role) => had.includes(role));
}
