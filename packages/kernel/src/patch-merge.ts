import { canonicalJson, parsePointer, type AppliedPatch, type JsonValue, type ModifyFinding } from "@cortexos/protocol";
import { compare } from "./code-unit-order.ts";

/** One change of the payload. Without a value: take away what is there. */
export interface PayloadChange {
  readonly pointer: string;
  readonly segments: readonly string[];
  readonly value?: JsonValue;
}

/** What all `modify` findings of one evaluation change together, in the order in which it is applied. */
export interface Patch {
  readonly topic?: string;
  /** Sets by pointer, then removals with later array items first, so that each pointer means the payload as it was. */
  readonly changes: readonly PayloadChange[];
  /** Sorted by lower-case name, each name once. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The rules that asked for it, sorted. */
  readonly ruleIds: readonly string[];
}

/**
 * Merges what several rules change. They may agree, or touch different places. Two values for one place, a value and a removal, or changes of a
 * place and of something inside it conflict.
 */
export function mergePatches(findings: readonly ModifyFinding[]): Patch | "conflict" {
  const topics = new Set(findings.flatMap((finding) => finding.topic ?? []));
  const headers = mergeHeaders(findings);
  const changes = mergeChanges(findings);
  if (topics.size > 1 || headers === undefined || changes === undefined) return "conflict";
  const [topic] = topics;
  const ruleIds = [...new Set(findings.map((finding) => finding.id))].sort(compare);
  return { ...(topic === undefined ? {} : { topic }), changes, headers, ruleIds };
}

/** A patch as it stands in a decision. */
export function describePatch(patch: Patch): AppliedPatch {
  const sets = patch.changes.flatMap(({ pointer, value }) => (value === undefined ? [] : [[pointer, value] as const]));
  return {
    ...(patch.topic === undefined ? {} : { topic: patch.topic }),
    set: Object.fromEntries(sets),
    remove: patch.changes.filter(({ value }) => value === undefined).map(({ pointer }) => pointer),
    headers: Object.fromEntries(patch.headers),
  };
}

/** What two patches did, one after the other. */
export function joinPatches(first: AppliedPatch, second: AppliedPatch): AppliedPatch {
  return {
    ...first,
    ...second,
    set: { ...first.set, ...second.set },
    remove: [...new Set([...first.remove, ...second.remove])],
    headers: { ...first.headers, ...second.headers },
  };
}

function mergeHeaders(findings: readonly ModifyFinding[]): Patch["headers"] | undefined {
  const merged = new Map<string, readonly [string, string]>();
  const fields = findings.flatMap((finding) => Object.entries(finding.headers));
  for (const field of fields.toSorted(([a], [b]) => compare(a, b))) {
    const [name, value] = field;
    const same = merged.get(name.toLowerCase());
    if (same !== undefined && same[1] !== value) return undefined;
    if (same === undefined) merged.set(name.toLowerCase(), field);
  }
  return [...merged].toSorted(([a], [b]) => compare(a, b)).map(([, field]) => field);
}

function mergeChanges(findings: readonly ModifyFinding[]): readonly PayloadChange[] | undefined {
  const merged = new Map<string, PayloadChange>();
  for (const change of findings.flatMap(changesOf)) {
    const same = merged.get(change.pointer);
    if (same !== undefined && !isSameChange(same, change)) return undefined;
    merged.set(change.pointer, change);
  }
  const changes = [...merged.values()].toSorted(inOrder);
  return changes.some((change) => hasChangeInside(change, merged)) ? undefined : changes;
}

function changesOf(finding: ModifyFinding): readonly PayloadChange[] {
  const sets = Object.entries(finding.set).map(([pointer, value]) => ({
    pointer,
    segments: segmentsOf(pointer),
    value,
  }));
  return [...sets, ...finding.remove.map((pointer) => ({ pointer, segments: segmentsOf(pointer) }))];
}

/** A text that is no pointer names nothing: it is refused later, for nothing declares it modifiable. */
function segmentsOf(pointer: string): readonly string[] {
  return parsePointer(pointer) ?? [pointer];
}

function isSameChange(a: PayloadChange, b: PayloadChange): boolean {
  if (a.value === undefined || b.value === undefined) return a.value === b.value;
  return canonicalJson(a.value) === canonicalJson(b.value);
}

/** Whether a pointer above this one is changed too. */
function hasChangeInside({ pointer }: PayloadChange, merged: ReadonlyMap<string, PayloadChange>): boolean {
  for (let end = pointer.lastIndexOf("/"); end >= 0; end = pointer.lastIndexOf("/", end - 1)) {
    if (merged.has(pointer.slice(0, end))) return true;
    if (end === 0) return false;
  }
  return false;
}

function inOrder(a: PayloadChange, b: PayloadChange): number {
  if (a.value !== undefined || b.value !== undefined) {
    if (a.value !== undefined && b.value !== undefined) return compare(a.pointer, b.pointer);
    return a.value === undefined ? 1 : -1;
  }
  return laterFirst(a.segments, b.segments);
}

/** A total order: array indices before other segments, the highest first. */
function laterFirst(a: readonly string[], b: readonly string[]): number {
  for (const [i, segment] of a.entries()) {
    const other = b[i];
    if (other === undefined || segment === other) continue;
    const [isIndex, isOtherIndex] = [INDEX.test(segment), INDEX.test(other)];
    if (isIndex && isOtherIndex) return Number(other) - Number(segment) || compare(other, segment);
    if (isIndex || isOtherIndex) return isIndex ? -1 : 1;
    return compare(other, segment);
  }
  return b.length - a.length;
}

const INDEX = /^\d+$/;
