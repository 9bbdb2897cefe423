import { carriesJobRequest, type CostEstimateInput, type JsonObject, type JsonValue } from "@cortexos/protocol";
import { isJsonArray, isJsonObject, ownMember } from "./json-object.ts";

/** What a sender says about its job. Tenant, environment and labels are never among it: those are facts. */
export interface JobClaims {
  readonly job_id: string;
  readonly topic: string;
  readonly priority: number;
  readonly sla_ms: number;
  readonly risk_tags: readonly string[];
  readonly cost: CostEstimateInput;
}

/** Full name of the message type that carries claims wherever it is published. */
const JOB_REQUEST_TYPE = "cortexos.v1.JobRequest";

/** Claims of a message that asks for no job. */
export const NO_CLAIMS: JobClaims = Object.freeze({
  job_id: "",
  topic: "",
  priority: 0,
  sla_ms: 0,
  risk_tags: Object.freeze([]),
  cost: Object.freeze({ tokens_in: 0, tokens_out: 0, usd_micros: 0, wall_ms: 0 }),
});

/**
 * Reads the claims of a job request: any message of its Protobuf type, or an object with `job_id` and `topic` on a subject for jobs.
 *
 * @param type - Protobuf type that the bundle declares for the subject.
 * @returns {@link NO_CLAIMS} when the message is no job request; `undefined` when it is one with a field of the wrong type.
 */
export function jobClaims(subject: string, type: string | undefined, payload: JsonValue): JobClaims | undefined {
  if (!isJsonObject(payload)) return NO_CLAIMS;
  if (type !== JOB_REQUEST_TYPE && !carriesJobRequest(subject)) return NO_CLAIMS;
  const jobId = ownMember(payload, "job_id");
  const topic = ownMember(payload, "topic");
  if (typeof jobId !== "string" || typeof topic !== "string") return NO_CLAIMS;
  const meta = part(payload, "meta");
  const cost = part(payload, "cost_estimate");
  if (meta === undefined || cost === undefined) return undefined;
  const [priority, slaMs] = [integer(meta, "priority"), integer(meta, "sla_ms")];
  const riskTags = tags(ownMember(meta, "risk_tags"));
  const estimate = costEstimate(cost);
  if (priority === undefined || slaMs === undefined || riskTags === undefined || estimate === undefined)
    return undefined;
  return { job_id: jobId, topic, priority, sla_ms: slaMs, risk_tags: riskTags, cost: estimate };
}

function costEstimate(cost: JsonObject): CostEstimateInput | undefined {
  const tokensIn = integer(cost, "tokens_in");
  const tokensOut = integer(cost, "tokens_out");
  const usdMicros = integer(cost, "usd_micros");
  const wallMs = integer(cost, "wall_ms");
  if (tokensIn === undefined || tokensOut === undefined || usdMicros === undefined || wallMs === undefined)
    return undefined;
  return { tokens_in: tokensIn, tokens_out: tokensOut, usd_micros: usdMicros, wall_ms: wallMs };
}

/** A part of the request; empty when it is absent, `undefined` when it is no object. */
function part(payload: JsonObject, name: string): JsonObject | undefined {
  const value = ownMember(payload, name);
  if (value === undefined) return {};
  return isJsonObject(value) ? value : undefined;
}

function integer(value: JsonObject, name: string): number | undefined {
  const member = ownMember(value, name);
  if (member === undefined) return 0;
  return typeof member === "number" && Number.isSafeInteger(member) ? member : undefined;
}

function tags(value: JsonValue | undefined): readonly string[] | undefined {
  if (value === undefined) return NO_CLAIMS.risk_tags;
  if (!isJsonArray(value)) return undefined;
  const found = value.filter((tag) => typeof tag === "string");
  return found.length === value.length ? found : undefined;
}
