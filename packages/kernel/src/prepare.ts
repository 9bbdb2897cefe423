import {
  checkHeaders,
  checkPublishSubject,
  SUBJECT_BYTES_MAX,
  type Caller,
  type Input,
  type Message,
  type ReasonCode,
} from "@cortexos/protocol";
import { denial, type Denial } from "./combine.ts";
import { isJetStreamApi, NO_HEADERS } from "./effects.ts";
import { assembleInput, callerFacts, type InputFacts } from "./input.ts";
import { inputText } from "./input-text.ts";
import { jobClaims, NO_CLAIMS } from "./job-claims.ts";
import { isOpen, payloadForm, readPayload, viewMessage, type MessageView } from "./message-view.ts";
import type { ActivePolicy } from "./ports.ts";
import { readsPayload } from "./reads.ts";

/** A message made ready for a policy. */
export interface Prepared {
  readonly input: Input;
  /** The canonical JSON of the input. */
  readonly text: string;
  /** Why no policy is asked: the message can't be decided, or there is no policy. The input then holds what can be told. */
  readonly fault?: Denial;
}

/** The moment of a decision. */
export interface Moment {
  readonly policy: ActivePolicy | undefined;
  readonly budgetState: Input["budget_state"];
  readonly nowNs: string;
}

/** Checks a message and builds its input, for the record even when it can't be decided. */
export function prepareInput(message: Message, caller: Caller, moment: Moment): Prepared {
  const facts = callerFacts(caller, moment.budgetState, moment.nowNs);
  const { policy } = moment;
  if (policy === undefined)
    return faulty(message, facts, denial("bundle.missing", "there is no bundle to decide with"));
  const fault = checkMessage(message);
  if (fault !== undefined) return faulty(message, facts, fault);
  const form = payloadForm(policy.manifest, message.subject);
  const payloadIsRead = readsPayload(policy, message.subject);
  const decoded = readPayload(message, form, payloadIsRead);
  if (!decoded.ok) return faulty(message, facts, denial(decoded.code, decoded.reason));
  if (payloadIsRead && isJetStreamApi(message.subject) && !API_FORMATS.has(decoded.format)) {
    return faulty(message, facts, denial("payload.json", "a request to JetStream that isn't JSON"));
  }
  const view = viewMessage(message, decoded);
  const claims =
    jobClaims(message.subject, form.type, view.payload) ?? (isOpen(form, payloadIsRead) ? NO_CLAIMS : undefined);
  if (claims === undefined) {
    return faulty(message, facts, denial("payload.job", "a field of the job request has the wrong type"));
  }
  const input = assembleInput(view, facts, claims);
  return { input, text: inputText(input, caller) };
}

/** nats-server reads requests more leniently than anybody should: what isn't JSON may say anything to it. */
const API_FORMATS: ReadonlySet<string> = new Set(["empty", "json"]);

const UNREAD = { ok: true, format: "binary", value: null } as const;

function checkMessage(message: Message): Denial | undefined {
  const subjectFault = checkPublishSubject(message.subject);
  if (subjectFault !== undefined) return denial(subjectFault, "the subject can't be published to");
  if (message.reply !== "" && checkPublishSubject(message.reply) !== undefined) {
    return denial("reply.invalid" satisfies ReasonCode, "the reply subject can't be published to");
  }
  const headerFault = checkHeaders(message.headers);
  return headerFault === undefined ? undefined : denial("headers.invalid", headerFault);
}

/** The input of a message that isn't decided: no payload, no headers, and only such text as JSON can say. */
function faulty(message: Message, facts: InputFacts, fault: Denial): Prepared {
  const view: MessageView = {
    ...viewMessage({ ...message, headers: [] }, UNREAD),
    subject: sayable(message.subject),
    reply: sayable(message.reply),
    headers: NO_HEADERS,
  };
  const input = assembleInput(view, facts, NO_CLAIMS);
  return { input, text: inputText(input), fault };
}

function sayable(text: string): string {
  return text.slice(0, SUBJECT_BYTES_MAX).toWellFormed();
}
