import {
  canonicalJson,
  canonicalString,
  HOP_COUNT_HEADER,
  type Caller,
  type Input,
  type JsonObject,
  type JsonValue,
} from "@cortexos/protocol";
import { messageEffects, NO_HEADERS } from "./effects.ts";
import { jobClaims, type JobClaims } from "./job-claims.ts";
import { isJsonObject, ownMember } from "./json-object.ts";
import type { MessageView } from "./message-view.ts";

/** Everything in an input that doesn't come from the message. */
export interface InputFacts {
  readonly principal: Input["principal"];
  readonly environment: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly session: Input["context"]["session"];
  readonly context_labels: readonly string[];
  readonly source: Input["context"]["source"];
  readonly budget_state: Input["budget_state"];
  readonly now_ns: string;
}

/** The facts of a caller at a moment. */
export function callerFacts(caller: Caller, budgetState: Input["budget_state"], nowNs: string): InputFacts {
  return {
    principal: caller.principal,
    environment: caller.environment,
    labels: caller.labels,
    session: caller.session,
    context_labels: NO_LABELS,
    source: caller.source,
    budget_state: budgetState,
    now_ns: nowNs,
  };
}

/** The facts of an input, so that a changed message can be decided with the same ones. */
export function inputFacts(input: Input): InputFacts {
  return {
    principal: input.principal,
    environment: input.job_meta.environment,
    labels: input.job_meta.labels,
    session: input.context.session,
    context_labels: input.context.labels,
    source: input.context.source,
    budget_state: input.budget_state,
    now_ns: input.now_ns,
  };
}

/**
 * Builds the input of a message (design §4). Facts come from the caller, claims stay under `message`, `action`, `cost_estimate` and the claims
 * of `job_meta`.
 *
 * @param type - Protobuf type that the bundle declares for the subject.
 * @returns `undefined` for a job request with a claim of the wrong type.
 */
export function buildInput(view: MessageView, facts: InputFacts, type: string | undefined): Input | undefined {
  const claims = jobClaims(view.subject, type, view.payload);
  return claims === undefined ? undefined : assembleInput(view, facts, claims);
}

/** Puts an input together. Keys stand in canonical order, so that serialising needs no sorting. */
export function assembleInput(view: MessageView, facts: InputFacts, claims: JobClaims): Input {
  const action = toolCall(view.payload);
  return {
    ...(action === undefined ? NOTHING : { action }),
    budget_state: facts.budget_state,
    context: {
      hop_count: hopCount(view.headers),
      labels: facts.context_labels,
      session: facts.session,
      source: facts.source,
    },
    cost_estimate: claims.cost,
    job_meta: {
      environment: facts.environment,
      job_id: claims.job_id,
      labels: facts.labels,
      priority: claims.priority,
      risk_tags: claims.risk_tags,
      sla_ms: claims.sla_ms,
      tenant: facts.principal.tenant,
      topic: claims.topic,
    },
    message: {
      effects: messageEffects(view),
      format: view.format,
      headers: view.headers,
      payload: view.payload,
      payload_sha256: view.payload_sha256,
      reply: view.reply,
      size_bytes: view.size_bytes,
      subject: view.subject,
      tokens: view.subject.split("."),
    },
    now_ns: facts.now_ns,
    principal: facts.principal,
  };
}

/**
 * The canonical JSON of an input; equal to `canonicalJson(input)`. The constant parts of a caller are serialised once.
 *
 * @param caller - whose facts are in the input, where they are at hand.
 */
export function inputText(input: Input, caller?: Caller): string {
  const texts =
    caller === undefined ? callerTexts(input.principal, input.job_meta.labels, input.context) : textsOf(caller);
  const { action, context, cost_estimate: cost, job_meta: job, message } = input;
  const args = action === undefined ? "" : canonicalJson(action.args);
  const actionText = action === undefined ? "" : `"action":{"args":${args},"tool":${canonicalString(action.tool)}},`;
  const subject = canonicalString(message.subject);
  // Two template parts at most a line: this is the hottest text in the product.
  return (
    `{${actionText}"budget_state":${canonicalJson(input.budget_state)},"context":{"hop_count":${context.hop_count},` +
    `"labels":${texts.contextLabels},"session":${texts.session},"source":${texts.source}},"cost_estimate":{` +
    `"tokens_in":${cost.tokens_in},"tokens_out":${cost.tokens_out},"usd_micros":${cost.usd_micros},` +
    `"wall_ms":${cost.wall_ms}},"job_meta":{"environment":${canonicalString(job.environment)},` +
    `"job_id":${canonicalString(job.job_id)},"labels":${texts.labels},"priority":${job.priority},` +
    `"risk_tags":${canonicalJson(job.risk_tags)},"sla_ms":${job.sla_ms},"tenant":${canonicalString(job.tenant)},` +
    `"topic":${canonicalString(job.topic)}},"message":{"effects":${effectsText(message.effects)},` +
    `"format":"${message.format}","headers":${message.headers === NO_HEADERS ? "{}" : canonicalJson(message.headers)},` +
    `"payload":${payloadText(message.payload, args)},"payload_sha256":${canonicalString(message.payload_sha256)},` +
    `"reply":${canonicalString(message.reply)},"size_bytes":${message.size_bytes},"subject":${subject},` +
    `"tokens":[${subject.replaceAll(".", '","')}]},"now_ns":"${input.now_ns}","principal":${texts.principal}}`
  );
}

const NOTHING = Object.freeze({});
const NO_LABELS: readonly string[] = Object.freeze([]);
const HOPS = /^(?:0|[1-9]\d{0,5})$/;

function toolCall(payload: JsonValue): Input["action"] {
  if (!isJsonObject(payload)) return undefined;
  const tool = ownMember(payload, "tool");
  const args = ownMember(payload, "args");
  return typeof tool === "string" && isJsonObject(args) ? { args, tool } : undefined;
}

function hopCount(headers: Input["message"]["headers"]): number {
  const [value, ...more] = Object.hasOwn(headers, HOP_COUNT_HEADER) ? (headers[HOP_COUNT_HEADER] ?? []) : [];
  return value !== undefined && more.length === 0 && HOPS.test(value) ? Number(value) : 0;
}

interface CallerTexts {
  readonly principal: string;
  readonly labels: string;
  readonly contextLabels: string;
  readonly session: string;
  readonly source: string;
}

const CALLER_TEXTS = new WeakMap<Caller, CallerTexts>();

function textsOf(caller: Caller): CallerTexts {
  const known = CALLER_TEXTS.get(caller);
  if (known !== undefined) return known;
  const { session, source } = caller;
  const texts = callerTexts(caller.principal, caller.labels, { labels: NO_LABELS, session, source });
  CALLER_TEXTS.set(caller, texts);
  return texts;
}

function callerTexts(
  principal: Input["principal"],
  labels: Readonly<Record<string, string>>,
  context: Pick<Input["context"], "labels" | "session" | "source">,
): CallerTexts {
  return {
    principal: canonicalJson(principal),
    labels: canonicalJson(labels),
    contextLabels: canonicalJson(context.labels),
    session: canonicalJson(context.session),
    source: canonicalString(context.source),
  };
}

function effectsText(effects: Input["message"]["effects"]): string {
  return effects.length === 0 ? "[]" : canonicalJson(effects);
}

/** @param args - the text of the payload's `args`, when it is a tool call: made once for both places. */
function payloadText(payload: JsonValue, args: string): string {
  if (args === "" || !isJsonObject(payload)) return canonicalJson(payload);
  return objectTextWithArgs(payload, args);
}

function objectTextWithArgs(payload: JsonObject, args: string): string {
  let text = "{";
  for (const key of Object.keys(payload).sort()) {
    const member = payload[key];
    if (member === undefined) continue;
    if (text.length > 1) text += ",";
    text += `${canonicalString(key)}:${key === "args" ? args : canonicalJson(member)}`;
  }
  return `${text}}`;
}
