import {
  canonicalJson,
  FINDING_EFFECTS,
  type Evaluation,
  type Finding,
  type FindingEffect,
  type JsonValue,
} from "@cortexos/protocol";
import { messageOf } from "./errors.ts";
import type { RawResult } from "./evaluator.ts";
import { isJsonArray, isJsonObject } from "./fields.ts";
import { readFinding, ShapeFault } from "./finding-fields.ts";

/** Most findings of one evaluation. */
export const FINDINGS_MAX = 1024;

/**
 * Turns what an entrypoint gave into findings. All or nothing: one member that isn't a finding makes the whole evaluation
 * `evaluation.shape`, which is DENY.
 *
 * @returns findings in an order that doesn't depend on how they were collected: by effect, then by id and content. Never throws.
 */
export function readFindings(raw: RawResult): Evaluation {
  if (!raw.ok) return raw;
  try {
    return { ok: true, findings: collect(raw.result) };
  } catch (reason) {
    return { ok: false, code: "evaluation.shape", reason: messageOf(reason) };
  }
}

function collect(result: unknown): readonly Finding[] {
  if (!isPlain(result)) throw new ShapeFault("the entrypoint didn't give an object of five sets");
  const known: readonly string[] = FINDING_EFFECTS;
  for (const key of Object.keys(result))
    if (!known.includes(key)) throw new ShapeFault("the entrypoint gave an unknown effect");
  const faults: string[] = [];
  const findings = FINDING_EFFECTS.flatMap((effect) => sorted(readSet(effect, result[effect], faults)));
  // Sets have no order, so which fault comes first is chance; the first by its words is not.
  const [fault] = faults.sort();
  if (fault !== undefined) throw new ShapeFault(fault);
  return findings;
}

function readSet(effect: FindingEffect, members: JsonValue | undefined, faults: string[]): readonly Finding[] {
  if (!isJsonArray(members)) throw new ShapeFault(`${effect} is not a set`);
  if (members.length > FINDINGS_MAX) throw new ShapeFault(`${effect} has more than ${FINDINGS_MAX} findings`);
  const findings: Finding[] = [];
  for (const member of members) {
    try {
      findings.push(readMember(effect, member));
    } catch (reason) {
      faults.push(messageOf(reason));
    }
  }
  return findings;
}

/** A member as the rule wrote it, or tagged with the rule's package by the generated main package. */
function readMember(effect: FindingEffect, member: JsonValue): Finding {
  if (isJsonObject(member) && Object.hasOwn(member, "rule") && Object.hasOwn(member, "finding")) {
    const { rule, finding, ...rest } = member;
    if (typeof rule !== "string" || !RULE.test(rule) || Object.keys(rest).length > 0)
      throw new ShapeFault(`a ${effect} finding has a wrong tag`);
    return readWritten(effect, rule, finding);
  }
  return readWritten(effect, effect, member);
}

const RULE = /^[\w.-]{1,256}$/;

function readWritten(effect: FindingEffect, rule: string, written: JsonValue | undefined): Finding {
  if (typeof written === "string") return readFinding({ effect, rule, fields: { reason: written } });
  if (isJsonObject(written)) return readFinding({ effect, rule, fields: written });
  throw new ShapeFault(`a ${effect} finding of ${rule} is neither a text nor an object`);
}

function sorted(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length < 2) return findings;
  return findings
    .map((finding) => ({ finding, text: canonicalJson({ ...finding }) }))
    .sort((a, b) => compare(a.finding.id, b.finding.id) || compare(a.text, b.text))
    .map(({ finding }) => finding);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** An evaluator's result is data; anything else in it is caught where it is looked at. */
function isPlain(value: unknown): value is Readonly<Record<string, JsonValue>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
