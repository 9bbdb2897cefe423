import { HOP_COUNT_HEADER, type Caller, type Input, type JsonValue } from "@cortexos/protocol";
import { messageEffects } from "./effects.ts";
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
    context_labels: caller.context_labels ?? NO_LABELS,
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

/** Puts an input together. */
export function assembleInput(view: MessageView, facts: InputFacts, claims: JobClaims): Input {
  const action = toolCall(view.payload);
  // A spread here would cost more than all the rest.
  const input: { -readonly [Field in keyof Input]: Input[Field] } = {
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
  if (action !== undefined) input.action = action;
  return input;
}

/** Data-flow labels of a session that has none. */
export const NO_LABELS: readonly string[] = Object.freeze([]);
const HOPS = /^(?:0|[1-9]\d{0,5})$/;

/** A payload as a tool call, when it is one. */
export function toolCall(payload: JsonValue): Input["action"] {
  if (!isJsonObject(payload)) return undefined;
  const tool = ownMember(payload, "tool");
  const args = ownMember(payload, "args");
  return typeof tool === "string" && isJsonObject(args) ? { args, tool } : undefined;
}

function hopCount(headers: Input["message"]["headers"]): number {
  const [value, ...more] = Object.hasOwn(headers, HOP_COUNT_HEADER) ? (headers[HOP_COUNT_HEADER] ?? []) : [];
  return value !== undefined && more.length === 0 && HOPS.test(value) ? Number(value) : 0;
}
