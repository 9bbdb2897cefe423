import {
  canonicalJson,
  digestText,
  isReasonCode,
  REASON_CODES,
  type AuditRecord,
  type Decision,
} from "@cortexos/protocol";
import { decideInput } from "./decide.ts";
import type { ActivePolicy } from "./ports.ts";
import { recordFaults } from "./record-faults.ts";

/** What comes of deciding a record again. */
export type Verification =
  /** The decision follows from the record and the bundle, byte for byte. */
  | { readonly verdict: "match" }
  /** It doesn't: what the bundle decides on the recorded input, and the fields that differ. */
  | { readonly verdict: "mismatch"; readonly decision: Decision; readonly fields: readonly string[] }
  /** It can't be told from this record with this bundle. */
  | { readonly verdict: "unverifiable"; readonly reason: string };

/**
 * What a `match` is about. Of the frame's digest, the time, the ids, the approvers' names and the run only the form and what contradicts the rest of
 * the record is found: whether they are as they were written is what the chain of the audit trail tells.
 */
export const VERIFIED_FIELDS = ["answers", "decision", "durability", "input", "origin.connection"] as const;

/**
 * Decides a record's input again and compares (design §5), and looks for what contradicts itself in the rest of the record. Never throws.
 *
 * @param policy - of the bundle that the decision names.
 */
export function verifyRecord(record: AuditRecord, policy: ActivePolicy): Verification {
  if (record.type !== "decision") return unverifiable("not the record of a decision");
  const { answers, approval, decision, input } = record;
  if (record.omitted !== undefined) return unverifiable("the record was too big: its payload was left out");
  if (record.redactions !== undefined) return unverifiable("parts of the input were redacted before it was stored");
  if (decision.bundle_digest === "") return unverifiable("there was no bundle");
  if (decision.bundle_digest !== policy.digest) return unverifiable("decided by another bundle");
  if (decision.engine !== policy.engine) return unverifiable("decided by another engine");
  try {
    const again = decideInput(input, policy, { answers, ...(approval === undefined ? {} : { approval }) });
    const faults = recordFaults(record, policy.manifest);
    const fields = [...differences(decision, again), ...faults];
    if (fields.length === 0) return { verdict: "match" };
    const isAsRecorded = digestText(canonicalJson(input)) === decision.input_digest;
    if (isAsRecorded && faults.length === 0 && isUnderivedDenial(decision))
      return unverifiable(`denied for ${decision.rule_ids.join(", ")}`);
    return { verdict: "mismatch", decision: again, fields };
  } catch {
    return unverifiable("the record's input can't be decided");
  }
}

function unverifiable(reason: string): Verification {
  return { verdict: "unverifiable", reason };
}

function differences(a: Decision, b: Decision): readonly string[] {
  const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
  const names = [...new Set([...left.keys(), ...right.keys()])].sort();
  return names.filter((name) => textOf(left.get(name)) !== textOf(right.get(name)));
}

function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : canonicalJson(value);
}

/** Denied before or after the policy was asked, by something that no record holds. Never true of what was released. */
function isUnderivedDenial({ outcome, rule_ids: ids }: Decision): boolean {
  return outcome === "DENY" && ids.length > 0 && ids.every((id) => isReasonCode(id) && !REASON_CODES[id].derived);
}
