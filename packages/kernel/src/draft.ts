import type { AppliedPatch, Finding, Input, PolicyManifest } from "@cortexos/protocol";
import { combine, denial, type Combined, type Denial, type Terms } from "./combine.ts";
import { buildInput, inputFacts } from "./input.ts";
import { inputText } from "./input-text.ts";
import { payloadForm } from "./message-view.ts";
import { describePatch, joinPatches } from "./patch-merge.ts";
import { applyPatch, joinChanges, type MessageChange } from "./patch.ts";
import type { ActivePolicy } from "./ports.ts";
import { readFindings } from "./read-findings.ts";

/** Most patches applied to one message; what still changes then is DENY. */
export const PATCH_ROUNDS_MAX = 2;

/** What a policy makes of an input before anything outside is asked. */
export type Draft = Denial | DraftTerms;

/** Terms on which a message, as patched, may go. */
export interface DraftTerms {
  readonly outcome: Terms["outcome"];
  readonly terms: Terms;
  /** Rules whose patches were applied, beside those of the last evaluation. */
  readonly patchRuleIds: readonly string[];
  /** What the patches did; absent when nothing changed. */
  readonly patch?: AppliedPatch;
  readonly change?: MessageChange;
}

/**
 * Evaluates an input, applies the patch its findings ask for and evaluates again until nothing changes. Pure. Whatever goes wrong is a denial.
 *
 * @param text - the canonical JSON of the input.
 */
export function draftDecision(input: Input, text: string, policy: ActivePolicy): Draft {
  let current = evaluateOnce(input, text, policy);
  if (current.outcome === "DENY" || current.patch === undefined)
    return current.outcome === "DENY" ? current : plainDraft(current);
  let state: PatchState = { input, terms: current };
  for (let round = 0; round <= PATCH_ROUNDS_MAX; round++) {
    const next = patchOnce(state, policy.manifest);
    if ("outcome" in next) return next;
    if (next === state) return patchedDraft(state);
    if (round === PATCH_ROUNDS_MAX) break;
    current = evaluateOnce(next.input, inputText(next.input), policy);
    if (current.outcome === "DENY") return current;
    state = { ...next, terms: current };
  }
  return denial("patch.unstable", `rules go on changing the message after ${PATCH_ROUNDS_MAX} rounds`);
}

/** Where the rounds of patches stand. */
interface PatchState {
  readonly input: Input;
  readonly terms: Terms;
  readonly patch?: AppliedPatch;
  readonly change?: MessageChange;
  readonly ruleIds?: readonly string[];
}

/** The same state when the patch changes nothing any more. */
function patchOnce(state: PatchState, manifest: PolicyManifest): PatchState | Denial {
  const { patch } = state.terms;
  if (patch === undefined) return state;
  const result = applyPatch(state.input.message, patch, manifest);
  if (!result.ok) return denial(result.code, result.reason);
  if (!result.changed) return state;
  const { type } = payloadForm(manifest, result.view.subject);
  const input = buildInput(result.view, inputFacts(state.input), type);
  if (input === undefined) return denial("patch.encoding", "the changed payload is no longer a job request");
  const applied = describePatch(patch);
  return {
    input,
    terms: state.terms,
    patch: state.patch === undefined ? applied : joinPatches(state.patch, applied),
    change: state.change === undefined ? result.change : joinChanges(state.change, result.change),
    ruleIds: [...(state.ruleIds ?? []), ...patchRuleIds(state.terms)],
  };
}

function patchRuleIds(terms: Terms): readonly string[] {
  return terms.patch?.ruleIds ?? [];
}

function plainDraft(terms: Terms): DraftTerms {
  return { outcome: terms.outcome, terms, patchRuleIds: [] };
}

function patchedDraft({ change, patch, ruleIds = [], terms }: PatchState): DraftTerms {
  const draft = { terms, patchRuleIds: ruleIds, outcome: terms.outcome };
  // A patch that changes nothing leaves an ALLOW.
  if (patch === undefined || change === undefined) return { ...draft, outcome: modifiedTo(terms.outcome, "ALLOW") };
  return { ...draft, outcome: modifiedTo(terms.outcome, "ALLOW_MOD"), patch, change };
}

function modifiedTo(outcome: Terms["outcome"], releasing: "ALLOW" | "ALLOW_MOD"): Terms["outcome"] {
  return outcome === "ALLOW" || outcome === "ALLOW_MOD" ? releasing : outcome;
}

function evaluateOnce(input: Input, text: string, policy: ActivePolicy): Combined {
  let findings: readonly Finding[];
  try {
    const read = readFindings(policy.evaluate(input, text));
    if (!read.ok) return denial(read.code, read.reason);
    findings = read.findings;
  } catch {
    return denial("evaluation.error", "the evaluation failed");
  }
  return combine(findings, policy.manifest.require_allow);
}
