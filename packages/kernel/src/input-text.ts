import {
  canonicalJson,
  canonicalString,
  type Caller,
  type Input,
  type JsonObject,
  type JsonValue,
} from "@cortexos/protocol";
import { NO_HEADERS } from "./effects.ts";
import { NO_LABELS } from "./input.ts";
import { NO_CLAIMS } from "./job-claims.ts";
import { isJsonObject } from "./json-object.ts";

/**
 * The canonical JSON of an input that {@link buildInput} made; equal to `canonicalJson(input)`. What a caller's inputs have alike is serialised
 * once.
 *
 * @param caller - whose facts are in the input, where they are at hand.
 */
export function inputText(input: Input, caller?: Caller): string {
  const texts = caller === undefined ? textsOfInput(input) : textsOf(caller);
  const { action, budget_state: budgets, context, message } = input;
  const args = action === undefined ? "" : canonicalJson(action.args);
  const actionText = action === undefined ? "" : `"action":{"args":${args},"tool":${canonicalString(action.tool)}},`;
  const subject = canonicalString(message.subject);
  const effects = message.effects.length === 0 ? "[]" : canonicalJson(message.effects);
  const headers = message.headers === NO_HEADERS ? "{}" : canonicalJson(message.headers);
  const reply = message.reply === "" ? '""' : canonicalString(message.reply);
  return (
    `{${actionText}"budget_state":${canonicalJson(budgets)},"context":{"hop_count":${context.hop_count},` +
    `${texts.context},"cost_estimate":${costText(input.cost_estimate)},"job_meta":${jobText(input.job_meta, texts)},` +
    `"message":{"effects":${effects},"format":"${message.format}","headers":${headers},` +
    `"payload":${payloadText(message.payload, args)},"payload_sha256":"${message.payload_sha256}","reply":${reply},` +
    `"size_bytes":${message.size_bytes},"subject":${subject},"tokens":[${subject.replaceAll(".", '","')}]},` +
    `"now_ns":"${input.now_ns}",${texts.principal}`
  );
}

/** What the inputs of one caller have alike, as text. */
interface CallerTexts {
  readonly principal: string;
  readonly context: string;
  readonly environment: string;
  readonly labels: string;
  readonly tenant: string;
  /** `job_meta` of a message without claims. */
  readonly job: string;
}

const CALLER_TEXTS = new WeakMap<Caller, CallerTexts>();

function textsOf(caller: Caller): CallerTexts {
  const known = CALLER_TEXTS.get(caller);
  if (known !== undefined) return known;
  const { context_labels = NO_LABELS, environment, labels, principal, session, source } = caller;
  const texts = makeTexts(principal, { environment, labels }, { labels: context_labels, session, source });
  CALLER_TEXTS.set(caller, texts);
  return texts;
}

function textsOfInput({ context, job_meta: job, principal }: Input): CallerTexts {
  return makeTexts(principal, job, context);
}

function makeTexts(
  principal: Input["principal"],
  job: Pick<Input["job_meta"], "environment" | "labels">,
  context: Pick<Input["context"], "labels" | "session" | "source">,
): CallerTexts {
  const sessionText = canonicalJson(context.session);
  const texts = {
    principal: `"principal":${canonicalJson(principal)}}`,
    context: `"labels":${canonicalJson(context.labels)},"session":${sessionText},"source":${canonicalString(context.source)}}`,
    environment: canonicalString(job.environment),
    labels: canonicalJson(job.labels),
    tenant: canonicalString(principal.tenant),
  };
  return { ...texts, job: jobWithClaims(NO_CLAIMS, texts) };
}

type Claims = Pick<Input["job_meta"], "job_id" | "priority" | "risk_tags" | "sla_ms" | "topic">;

function jobText(job: Claims, texts: CallerTexts): string {
  const hasClaims =
    job.job_id !== "" || job.topic !== "" || job.priority !== 0 || job.sla_ms !== 0 || job.risk_tags.length > 0;
  return hasClaims ? jobWithClaims(job, texts) : texts.job;
}

function jobWithClaims(job: Claims, texts: Pick<CallerTexts, "environment" | "labels" | "tenant">): string {
  return (
    `{"environment":${texts.environment},"job_id":${canonicalString(job.job_id)},"labels":${texts.labels},` +
    `"priority":${job.priority},"risk_tags":${canonicalJson(job.risk_tags)},"sla_ms":${job.sla_ms},` +
    `"tenant":${texts.tenant},"topic":${canonicalString(job.topic)}}`
  );
}

function costText(cost: Input["cost_estimate"]): string {
  if (cost === NO_CLAIMS.cost) return NO_COST;
  return `{"tokens_in":${cost.tokens_in},"tokens_out":${cost.tokens_out},"usd_micros":${cost.usd_micros},"wall_ms":${cost.wall_ms}}`;
}

const NO_COST = canonicalJson(NO_CLAIMS.cost);

/** @param args - the text of the payload's `args`, when it is a tool call: made once for both places. */
function payloadText(payload: JsonValue, args: string): string {
  return args === "" || !isJsonObject(payload) ? canonicalJson(payload) : callText(payload, args);
}

function callText(payload: JsonObject, args: string): string {
  let text = "{";
  for (const key of Object.keys(payload).sort()) {
    const member = payload[key];
    if (member === undefined) continue;
    if (text.length > 1) text += ",";
    text += `${canonicalString(key)}:${key === "args" ? args : canonicalJson(member)}`;
  }
  return `${text}}`;
}
