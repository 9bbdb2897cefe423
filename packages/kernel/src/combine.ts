import type { Finding, ReasonCode, RequireHumanFinding, ThrottleFinding } from "@cortexos/protocol";
import { compare } from "./code-unit-order.ts";
import { mergePatches, type Patch } from "./patch-merge.ts";
import { cutReason } from "./read-findings.ts";

/** What must happen before a message may go: the findings of one evaluation, as one. */
export type Combined = Denial | Terms;

/** The message goes nowhere. */
export interface Denial {
  readonly outcome: "DENY";
  /** Sorted, without duplicates. */
  readonly ruleIds: readonly string[];
  readonly reason: string;
}

/** The message may go once everything here is met. */
export interface Terms {
  readonly outcome: "REQUIRE_HUMAN" | "THROTTLE" | "ALLOW_MOD" | "ALLOW";
  /** The rules behind the outcome. */
  readonly ruleIds: readonly string[];
  readonly reason: string;
  /** Every rule that found something: what stands in the decision once the message goes. */
  readonly allRuleIds: readonly string[];
  readonly allReason: string;
  readonly hold?: HoldRequirement;
  readonly throttles: readonly ThrottleRequirement[];
  readonly budgets: readonly BudgetRequirement[];
  readonly patch?: Patch;
}

/** Who must approve: each of `quorum` distinct humans has every role of `approvers`. */
export interface HoldRequirement {
  /** Roles, sorted and joined with commas. */
  readonly approvers: string;
  readonly quorum: number;
  readonly expiresMs: number;
}

export interface ThrottleRequirement {
  readonly key: string;
  readonly rate: number;
  readonly burst: number;
  readonly windowMs: number;
  readonly ruleIds: readonly string[];
  readonly reason: string;
}

export interface BudgetRequirement {
  readonly scope: string;
  readonly amount: number;
}

/**
 * Combines findings: `DENY > REQUIRE_HUMAN > THROTTLE > ALLOW_MOD > ALLOW`; none at all is DENY (design §5). The order of findings and
 * repeated ones never matter.
 *
 * - Several `require_human`: the strictest of each. Every approver has all the roles named, the largest quorum and the shortest expiry count.
 * - Several `throttle`: all must admit. One bucket with two limits is DENY.
 * - Several `modify`: merged where they agree or touch different places, DENY otherwise.
 * - Budgets add up per scope, a repeated finding once.
 *
 * @param requireAllow - whether only an `allow` finding grants, so that the others narrow.
 */
export function combine(findings: readonly Finding[], requireAllow: boolean): Combined {
  const only = findings.length === 1 ? findings[0] : undefined;
  if (only?.effect === "allow" && only.budget === undefined) return justAllowed(only);
  const denials = findings.filter((finding) => finding.effect === "deny");
  if (denials.length > 0) return { outcome: "DENY", ...because(denials) };
  if (findings.length === 0) return denial("default.deny", "no rule allows this");
  if (requireAllow && !findings.some((finding) => finding.effect === "allow")) {
    return denial("grant.missing", "no rule grants this");
  }
  return terms(findings);
}

/** A DENY that the gate makes itself. */
export function denial(code: ReasonCode, reason: string): Denial {
  return { outcome: "DENY", ruleIds: [code], reason: cutReason(reason) };
}

const NONE: readonly never[] = Object.freeze([]);

/** The ordinary case, without the work of the others. */
function justAllowed({ id, reason }: Finding): Terms {
  const ruleIds = [id];
  return { outcome: "ALLOW", ruleIds, reason, allRuleIds: ruleIds, allReason: reason, throttles: NONE, budgets: NONE };
}

function terms(findings: readonly Finding[]): Combined {
  const humans = findings.filter((finding) => finding.effect === "require_human");
  const limits = findings.filter((finding) => finding.effect === "throttle");
  const modifies = findings.filter((finding) => finding.effect === "modify");
  const throttles = mergeThrottles(limits);
  if (throttles === undefined) return denial("throttle.conflict", "two rules give one bucket different limits");
  const budgets = sumBudgets(findings);
  if (budgets === undefined) return denial("budget.amount", "the amounts for a scope are too large");
  const patch = modifies.length === 0 ? undefined : mergePatches(modifies);
  if (patch === "conflict") return denial("patch.conflict", "two rules change the same place differently");
  const allows = findings.filter((finding) => finding.effect === "allow");
  const winners = [humans, limits, modifies, allows].find((group) => group.length > 0) ?? allows;
  const all = because(findings);
  return {
    outcome: outcomeOf(winners[0]),
    ...because(winners),
    allRuleIds: all.ruleIds,
    allReason: allows.length > 0 ? because(allows).reason : all.reason,
    ...(humans.length === 0 ? {} : { hold: strictestHold(humans) }),
    throttles,
    budgets,
    ...(patch === undefined ? {} : { patch }),
  };
}

function outcomeOf(winner: Finding | undefined): Terms["outcome"] {
  switch (winner?.effect) {
    case "require_human":
      return "REQUIRE_HUMAN";
    case "throttle":
      return "THROTTLE";
    case "modify":
      return "ALLOW_MOD";
    case "allow":
    case "deny":
    case undefined:
      return "ALLOW";
  }
}

function because(findings: readonly Finding[]): { readonly ruleIds: readonly string[]; readonly reason: string } {
  const sorted = findings.toSorted((a, b) => compare(a.id, b.id) || compare(a.reason, b.reason));
  return {
    ruleIds: unique(sorted.map((finding) => finding.id)),
    reason: cutReason(unique(sorted.map((finding) => finding.reason)).join("; ")),
  };
}

function strictestHold(humans: readonly RequireHumanFinding[]): HoldRequirement {
  const roles = humans.flatMap((finding) => finding.approvers.split(","));
  return {
    approvers: unique(roles.toSorted(compare)).join(","),
    quorum: Math.max(...humans.map((finding) => finding.quorum)),
    expiresMs: Math.min(...humans.map((finding) => finding.expires_ms)),
  };
}

function mergeThrottles(limits: readonly ThrottleFinding[]): readonly ThrottleRequirement[] | undefined {
  const byKey = new Map<string, ThrottleFinding[]>();
  for (const finding of limits) byKey.set(finding.key, [...(byKey.get(finding.key) ?? []), finding]);
  const merged: ThrottleRequirement[] = [];
  for (const [key, same] of [...byKey].toSorted(([a], [b]) => compare(a, b))) {
    const [first] = same;
    if (first === undefined || !same.every((finding) => isSameLimit(finding, first))) return undefined;
    merged.push({ key, rate: first.rate, burst: first.burst, windowMs: first.window_ms, ...because(same) });
  }
  return merged;
}

function isSameLimit(a: ThrottleFinding, b: ThrottleFinding): boolean {
  return a.rate === b.rate && a.burst === b.burst && a.window_ms === b.window_ms;
}

function sumBudgets(findings: readonly Finding[]): readonly BudgetRequirement[] | undefined {
  const charges = new Map<string, { scope: string; amount: number }>();
  for (const { budget, id } of findings) {
    if (budget !== undefined) charges.set(JSON.stringify([id, budget.scope, budget.amount]), { ...budget });
  }
  const sums = new Map<string, number>();
  for (const { amount, scope } of charges.values()) sums.set(scope, (sums.get(scope) ?? 0) + amount);
  if (![...sums.values()].every(Number.isSafeInteger)) return undefined;
  return [...sums].toSorted(([a], [b]) => compare(a, b)).map(([scope, amount]) => ({ scope, amount }));
}

/** @param sorted - equal texts side by side. */
function unique(sorted: readonly string[]): readonly string[] {
  return sorted.length < 2 ? sorted : [...new Set(sorted)];
}
