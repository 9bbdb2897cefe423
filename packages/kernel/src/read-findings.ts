import {
  canonicalJson,
  EVALUATION_FAILURES,
  REASON_CHARS_MAX,
  type EvaluationFailure,
  type Finding,
  type JsonValue,
} from "@cortexos/protocol";
import { isGcraLimit } from "./gcra.ts";

/** Most approvers that a rule can ask for. */
export const QUORUM_MAX = 16;

/** Longest time that a rule can hold a message: 30 days. */
export const HOLD_EXPIRES_MS_MAX = 2_592_000_000;

/** Most findings of one evaluation. */
export const FINDINGS_MAX = 1024;

/** Findings that are what their types say, or why there are none. */
export type FindingsRead =
  | { readonly ok: true; readonly findings: readonly Finding[] }
  | { readonly ok: false; readonly code: EvaluationFailure; readonly reason: string };

/**
 * Takes over what an evaluator answered: every field is read once, checked and copied, so that nothing later depends on what an answer
 * pretends to be. An unknown effect, a missing field or a wrong type makes the whole evaluation `evaluation.shape`.
 *
 * @throws whatever a hostile answer throws when it is read; that is a DENY of the caller's.
 */
export function readFindings(evaluation: unknown): FindingsRead {
  if (!isRecord(evaluation)) return shapeless("the evaluator answered nothing");
  const { code, findings, ok, reason } = evaluation;
  if (ok === false) {
    const known = EVALUATION_FAILURES.find((failure) => failure === code);
    return { ok: false, code: known ?? "evaluation.error", reason: text(reason) ?? "the evaluation failed" };
  }
  if (ok !== true || !Array.isArray(findings)) return shapeless("the evaluator's answer has no findings");
  const answers: readonly unknown[] = findings;
  if (answers.length > FINDINGS_MAX) return shapeless(`more than ${FINDINGS_MAX} findings`);
  const read: Finding[] = [];
  for (const answer of answers) {
    const finding = readFinding(answer);
    if (finding === undefined) return shapeless("a finding doesn't have the fields of its effect");
    read.push(finding);
  }
  return { ok: true, findings: read };
}

function shapeless(reason: string): FindingsRead {
  return { ok: false, code: "evaluation.shape", reason };
}

function readFinding(answer: unknown): Finding | undefined {
  if (!isRecord(answer)) return undefined;
  const id = name(answer["id"]);
  const reason = text(answer["reason"]);
  const budget = readBudget(answer["budget"]);
  if (id === undefined || reason === undefined || budget === undefined) return undefined;
  const base = { id, reason, ...budget };
  switch (answer["effect"]) {
    case "allow":
      return { effect: "allow", ...base };
    case "deny":
      return { effect: "deny", ...base };
    case "require_human":
      return readRequireHuman(answer, base);
    case "throttle":
      return readThrottle(answer, base);
    case "modify":
      return readModify(answer, base);
    default:
      return undefined;
  }
}

type Base = Pick<Finding, "budget" | "id" | "reason">;
type Answer = Readonly<Record<string, unknown>>;

/** `undefined` for a budget of the wrong shape; no `budget` in the answer where there is none. */
function readBudget(budget: unknown): Pick<Finding, "budget"> | undefined {
  if (budget === undefined) return NO_BUDGET;
  if (!isRecord(budget)) return undefined;
  const scope = name(budget["scope"]);
  const amount = integer(budget["amount"], 0);
  return scope === undefined || amount === undefined ? undefined : { budget: { scope, amount } };
}

const NO_BUDGET = Object.freeze({});

function readRequireHuman(answer: Answer, base: Base): Finding | undefined {
  const approvers = name(answer["approvers"]);
  const quorum = integer(answer["quorum"], 1, QUORUM_MAX);
  const expiresMs = integer(answer["expires_ms"], 1, HOLD_EXPIRES_MS_MAX);
  if (approvers === undefined || quorum === undefined || expiresMs === undefined) return undefined;
  return { effect: "require_human", ...base, approvers, quorum, expires_ms: expiresMs };
}

function readThrottle(answer: Answer, base: Base): Finding | undefined {
  const key = name(answer["key"]);
  const rate = integer(answer["rate"], 1);
  const burst = integer(answer["burst"], 1);
  const windowMs = integer(answer["window_ms"], 1);
  if (key === undefined || rate === undefined || burst === undefined || windowMs === undefined) return undefined;
  return isGcraLimit({ rate, burst, windowMs })
    ? { effect: "throttle", ...base, key, rate, burst, window_ms: windowMs }
    : undefined;
}

function readModify(answer: Answer, base: Base): Finding | undefined {
  const { headers, remove, set, topic } = answer;
  const topicText = topic === undefined ? undefined : name(topic);
  if (topic !== undefined && topicText === undefined) return undefined;
  if (!isRecord(set) || !isRecord(headers) || !Array.isArray(remove)) return undefined;
  const pointers = texts(remove);
  const values = Object.values(headers);
  if (pointers === undefined || texts(values) === undefined) return undefined;
  return {
    effect: "modify",
    ...base,
    ...(topicText === undefined ? NO_BUDGET : { topic: topicText }),
    set: Object.fromEntries(Object.entries(set).map(([pointer, value]) => [pointer, jsonCopy(value)])),
    remove: pointers,
    headers: Object.fromEntries(Object.entries(headers).map(([field, value]) => [field, String(value)])),
  };
}

/** @throws TypeError for what JSON can't say. */
function jsonCopy(value: unknown): JsonValue {
  return JSON.parse(canonicalJson(value));
}

function texts(values: readonly unknown[]): readonly string[] | undefined {
  const found = values.filter((value) => typeof value === "string");
  return found.length === values.length ? found : undefined;
}

/** A text for people: well-formed, and cut to the longest that is kept. */
function text(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  return cutReason(value);
}

/** Cuts a reason to {@link REASON_CHARS_MAX} characters. */
export function cutReason(reason: string): string {
  const cut = reason.length <= REASON_CHARS_MAX ? reason : `${reason.slice(0, REASON_CHARS_MAX - 1)}…`;
  return cut.toWellFormed();
}

function name(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" && value.isWellFormed() ? value : undefined;
}

function integer(value: unknown, min: number, max: number = Number.MAX_SAFE_INTEGER): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max ? value : undefined;
}

function isRecord(value: unknown): value is Answer {
  return typeof value === "object" && value !== null;
}
