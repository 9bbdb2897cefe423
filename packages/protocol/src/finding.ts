import type { JsonValue } from "./json-value.ts";

/** The sets a rule can add to, each named for its effect (design §5). */
export const FINDING_EFFECTS = ["deny", "require_human", "throttle", "modify", "allow"] as const;

export type FindingEffect = (typeof FINDING_EFFECTS)[number];

interface FindingBase {
  /** Id of the rule: its package path below `cortexos.rules`, or what the rule gave. */
  readonly id: string;
  /** Why, for people; at most {@link REASON_CHARS_MAX} characters. */
  readonly reason: string;
  /** Budget to set aside when the message is released. */
  readonly budget?: { readonly scope: string; readonly amount: number };
}

export interface DenyFinding extends FindingBase {
  readonly effect: "deny";
}

export interface RequireHumanFinding extends FindingBase {
  readonly effect: "require_human";
  /** Role that may approve. */
  readonly approvers: string;
  /** Number of distinct approvers, 1 or more. */
  readonly quorum: number;
  readonly expires_ms: number;
}

export interface ThrottleFinding extends FindingBase {
  readonly effect: "throttle";
  /** Name of the bucket; the kernel scopes it to the tenant. */
  readonly key: string;
  /** Messages per window, 1 or more. */
  readonly rate: number;
  /** Messages that may come at once, 1 or more. */
  readonly burst: number;
  readonly window_ms: number;
}

export interface ModifyFinding extends FindingBase {
  readonly effect: "modify";
  /** New subject, where the manifest allows it. */
  readonly topic?: string;
  /** Value by RFC 6901 pointer under the payload. */
  readonly set: Readonly<Record<string, JsonValue>>;
  readonly remove: readonly string[];
  /** Header values by name, replacing all of that name. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface AllowFinding extends FindingBase {
  readonly effect: "allow";
}

/** What one rule contributes: an effect, a rule id, a reason, and the effect's own fields. */
export type Finding = DenyFinding | RequireHumanFinding | ThrottleFinding | ModifyFinding | AllowFinding;

/** Longest reason kept, in UTF-16 units; longer ones are cut with an ellipsis. */
export const REASON_CHARS_MAX = 512;

/** What the engine made of an input: findings, or why there are none. Never thrown. */
export type Evaluation =
  | { readonly ok: true; readonly findings: readonly Finding[] }
  | { readonly ok: false; readonly code: EvaluationFailure; readonly reason: string };

/** Reason codes of an evaluation that could not be finished; each becomes a DENY. */
export const EVALUATION_FAILURES = [
  "evaluation.undefined",
  "evaluation.shape",
  "evaluation.error",
  "evaluation.budget",
  "evaluation.input",
  "bundle.missing",
] as const;

export type EvaluationFailure = (typeof EVALUATION_FAILURES)[number];
