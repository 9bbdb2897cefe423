import { isJetStreamApi } from "./effects.ts";
import type { ActivePolicy } from "./ports.ts";

/** What the parts of the input that a policy reads mean for the gate. */
export interface PolicyReads {
  /** Whether `input.budget_state` must be asked for. */
  readonly budgetState: boolean;
  /** Whether anything that is made from the payload, effects aside, can influence the decision. */
  readonly payload: boolean;
  /**
   * Which plain messages on one subject from one caller are decided alike: all of them, those whose payloads agree wherever the policy reads them,
   * or none that can be told.
   */
  readonly standing: "all" | "none" | "payload";
  /** Whether effects can; they come from a payload in requests to the JetStream API only. */
  readonly effects: boolean;
}

/** Derived once for each policy. */
export function policyReads(policy: ActivePolicy): PolicyReads {
  const known = KNOWN.get(policy);
  if (known !== undefined) return known;
  const derived: PolicyReads = {
    budgetState: touches(policy, ["/budget_state"]),
    payload: touches(policy, FROM_PAYLOAD),
    standing: standingOf(policy.reads),
    effects: touches(policy, ["/message/effects"]),
  };
  KNOWN.set(policy, derived);
  return derived;
}

/** Whether the payload of a message on a subject can influence its decision. */
export function readsPayload(policy: ActivePolicy, subject: string): boolean {
  const { effects, payload } = policyReads(policy);
  return payload || (effects && isJetStreamApi(subject));
}

const KNOWN = new WeakMap<ActivePolicy, PolicyReads>();

const FROM_PAYLOAD = [
  "/message/payload",
  "/message/format",
  "/action",
  "/cost_estimate",
  "/job_meta/job_id",
  "/job_meta/topic",
  "/job_meta/priority",
  "/job_meta/sla_ms",
  "/job_meta/risk_tags",
];

/** Facts, the subject, and what a message without reply and headers always has alike. */
const SAME_IN_A_RUN = [
  "/principal",
  "/context",
  "/job_meta/tenant",
  "/job_meta/environment",
  "/job_meta/labels",
  "/message/subject",
  "/message/tokens",
  "/message/reply",
  "/message/headers",
  // Except for the JetStream API, whose effects lie in its payloads: the caller sees to that.
  "/message/effects",
];

/** What {@link createPayloadKey} can tell apart. Claims of jobs aren't among it: one of a wrong type is DENY, read or not. */
const KEYED_BY_PAYLOAD = ["/message/payload", "/message/format", "/action"] as const;

function standingOf(reads: readonly string[]): PolicyReads["standing"] {
  const others = reads.filter((read) => !SAME_IN_A_RUN.some((pointer) => isUnder(read, pointer)));
  if (others.length === 0) return "all";
  return others.every((read) => KEYED_BY_PAYLOAD.some((pointer) => isUnder(read, pointer))) ? "payload" : "none";
}

function touches(policy: ActivePolicy, pointers: readonly string[]): boolean {
  return policy.reads.some((read) => pointers.some((pointer) => isUnder(read, pointer) || isUnder(pointer, read)));
}

/** Whether a pointer is another one or leads below it. */
export function isUnder(pointer: string, ancestor: string): boolean {
  return pointer === ancestor || pointer.startsWith(`${ancestor}/`);
}
