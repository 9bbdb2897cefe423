import {
  canonicalJson,
  digestText,
  sha256Hex,
  type Decision,
  type DecisionRecord,
  type Input,
  type Outcome,
  type StoreAnswers,
  type ThrottleState,
} from "@cortexos/protocol";
import { compare } from "./code-unit-order.ts";
import { denial, type Denial, type HoldRequirement } from "./combine.ts";
import { draftDecision, type Draft, type DraftTerms } from "./draft.ts";
import type { ActivePolicy } from "./ports.ts";

/** What a decision depends on beside input and bundle, as it stands in the decision's record. */
export interface DecisionContext {
  /** What the stores answered; without it every throttle is taken to admit and every budget to cover. */
  readonly answers?: StoreAnswers;
  /** The approvals that a held message got. */
  readonly approval?: NonNullable<DecisionRecord["approval"]>;
}

/** What every decision on one input by one bundle has alike. */
export type DecisionBase = Pick<Decision, "bundle_digest" | "decision_id" | "engine" | "evaluated_at" | "input_digest">;

/**
 * Decides an input. Pure, and the same in every way in: the same input, bundle and store answers give the same decision, byte for byte
 * (design §5). Never throws for anything that the policy does.
 *
 * @throws TypeError, SyntaxError for something that isn't an input: it comes from a record or from `buildInput`.
 */
export function decideInput(input: Input, policy: ActivePolicy, context: DecisionContext = {}): Decision {
  const text = canonicalJson(input);
  const base = decisionBase(input, text, policy);
  return concludeDecision(base, draftDecision(input, text, policy), context);
}

/** @param text - the canonical JSON of the input. */
export function decisionBase(input: Input, text: string, policy: ActivePolicy | undefined): DecisionBase {
  const inputDigest = digestText(text);
  const bundleDigest = policy?.digest ?? "";
  return {
    bundle_digest: bundleDigest,
    decision_id: sha256Hex(bundleDigest + inputDigest).slice(0, DECISION_ID_CHARS),
    engine: policy?.engine ?? "",
    evaluated_at: input.now_ns,
    input_digest: inputDigest,
  };
}

/** Makes the decision of a draft, once the stores have answered. */
export function concludeDecision(base: DecisionBase, draft: Draft, context: DecisionContext): Decision {
  if (draft.outcome === "DENY") return denyDecision(base, draft);
  const { terms } = draft;
  if (terms.hold !== undefined && !isApproved(terms.hold, context.approval))
    return heldDecision(base, draft, terms.hold);
  const { answers } = context;
  const uncovered = answers === undefined ? undefined : findUncovered(draft, answers);
  if (uncovered !== undefined) return denyDecision(base, uncovered);
  const throttle = answers === undefined ? undefined : findRefusing(draft, answers);
  if (throttle !== undefined) return throttledDecision(base, draft, throttle);
  return releasedDecision(base, draft);
}

/** A decision that refuses. */
export function denyDecision(base: DecisionBase, { reason, ruleIds }: Denial): Decision {
  return verdictOf(base, { outcome: "DENY", reason, ruleIds });
}

/** The decision on a message of which not even an input could be made. */
export function bareDecision(): Decision {
  const base = { bundle_digest: "", decision_id: "", engine: "", evaluated_at: "", input_digest: "" };
  return denyDecision(base, denial("kernel.error", "something failed that never should"));
}

const DECISION_ID_CHARS = 32;

function isApproved(hold: HoldRequirement, approval: DecisionContext["approval"]): boolean {
  return approval !== undefined && new Set(approval.approved_by).size >= hold.quorum;
}

function releasedDecision(base: DecisionBase, draft: DraftTerms): Decision {
  const { terms } = draft;
  const outcome: Outcome = draft.patch === undefined ? "ALLOW" : "ALLOW_MOD";
  return decision(base, draft, { outcome, reason: terms.allReason, ruleIds: terms.allRuleIds });
}

function heldDecision(base: DecisionBase, draft: DraftTerms, hold: HoldRequirement): Decision {
  const expiresAtNs = BigInt(base.evaluated_at) + BigInt(hold.expiresMs) * NS_PER_MS;
  const { reason, ruleIds } = draft.terms;
  return {
    ...decision(base, draft, { outcome: "REQUIRE_HUMAN", reason, ruleIds }),
    hold: { approvers: hold.approvers, quorum: hold.quorum, expires_at_ns: expiresAtNs.toString() },
  };
}

function throttledDecision(base: DecisionBase, draft: DraftTerms, throttle: ThrottleState): Decision {
  const requirement = draft.terms.throttles.find(({ key }) => key === throttle.key);
  const ruleIds = requirement?.ruleIds ?? draft.terms.ruleIds;
  const reason = requirement?.reason ?? draft.terms.reason;
  return { ...decision(base, draft, { outcome: "THROTTLE", reason, ruleIds }), throttle };
}

const NS_PER_MS = 1_000_000n;

interface Verdict {
  readonly outcome: Outcome;
  readonly reason: string;
  readonly ruleIds: readonly string[];
}

function decision(base: DecisionBase, draft: DraftTerms, { outcome, reason, ruleIds }: Verdict): Decision {
  if (draft.patch === undefined) return verdictOf(base, { outcome, reason, ruleIds });
  const all = [...new Set([...ruleIds, ...draft.patchRuleIds])].sort(compare);
  return { ...verdictOf(base, { outcome, reason, ruleIds: all }), patch: draft.patch };
}

/** Spelled out: a spread is slower than everything else that is done for an ordinary decision. */
function verdictOf(base: DecisionBase, { outcome, reason, ruleIds }: Verdict): Decision {
  return {
    bundle_digest: base.bundle_digest,
    decision_id: base.decision_id,
    engine: base.engine,
    evaluated_at: base.evaluated_at,
    input_digest: base.input_digest,
    outcome,
    reason,
    rule_ids: ruleIds,
  };
}

function findUncovered(draft: DraftTerms, answers: StoreAnswers): Denial | undefined {
  const uncovered = draft.terms.budgets.filter(({ amount, scope }) => {
    return !answers.budgets.some((given) => given.scope === scope && given.amount === amount && given.reserved);
  });
  if (uncovered.length === 0) return undefined;
  const scopes = uncovered.map(({ scope }) => scope).join(", ");
  return denial("budget.exhausted", `the budget doesn't cover the message: ${scopes}`);
}

/** The bucket that takes longest to admit. */
function findRefusing(draft: DraftTerms, answers: StoreAnswers): ThrottleState | undefined {
  const refusing = draft.terms.throttles.flatMap(({ key }) => {
    const answer = answers.throttles.find((given) => given.key === key);
    if (answer === undefined) return [{ key, retry_after_ms: 0, remaining: 0 }];
    return answer.admitted ? [] : [{ key, retry_after_ms: answer.retry_after_ms, remaining: answer.remaining }];
  });
  return refusing.sort((a, b) => b.retry_after_ms - a.retry_after_ms || compare(a.key, b.key))[0];
}
