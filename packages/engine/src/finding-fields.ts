import { parsePointer, REASON_CHARS_MAX, type Finding, type FindingEffect, type JsonValue } from "@cortexos/protocol";
import { isJsonObject } from "./fields.ts";

/** Longest text in a finding other than its reason, in UTF-16 units. */
export const FINDING_TEXT_CHARS_MAX = 1024;

/** Largest `set` of a `modify` finding, in UTF-16 units of its JSON. */
export const FINDING_SET_CHARS_MAX: number = 1024 * 1024;

/** Largest number in a finding. Timers and stores take it. */
export const FINDING_NUMBER_MAX = 1_099_511_627_776;

/** Values of a finding's fields that a rule may leave out. */
export const FINDING_DEFAULTS = { quorum: 1, expires_ms: 3_600_000, window_ms: 1000 } as const;

/** A member of a set is not a finding. Caught where findings are read; it becomes `evaluation.shape`. */
export class ShapeFault extends Error {
  override readonly name = "ShapeFault";
}

/** One member of a set: an object's own fields, and who wrote it. */
export interface Member {
  readonly effect: FindingEffect;
  /** Id for a rule that gave none. */
  readonly rule: string;
  readonly fields: Readonly<Record<string, JsonValue>>;
}

/**
 * The finding that a member of a set describes.
 *
 * @throws ShapeFault for a field that is missing, unknown or wrong.
 */
export function readFinding(member: Member): Finding {
  const { effect, fields } = member;
  const names: readonly string[] = [...BASE_NAMES, ...OWN_NAMES[effect]];
  for (const name of Object.keys(fields).sort()) if (!names.includes(name)) throw fault(member, name, "is unknown");
  const base = {
    id: textOr(member, "id", member.rule),
    reason: reasonOf(member),
    ...(Object.hasOwn(fields, "budget") ? { budget: budgetOf(member) } : {}),
  };
  switch (effect) {
    case "deny":
    case "allow":
      return { effect, ...base };
    case "require_human":
      return {
        effect,
        ...base,
        approvers: text(member, "approvers"),
        quorum: countOr(member, "quorum", FINDING_DEFAULTS.quorum),
        expires_ms: countOr(member, "expires_ms", FINDING_DEFAULTS.expires_ms),
      };
    case "throttle": {
      const rate = count(member, "rate");
      return {
        effect,
        ...base,
        key: textOr(member, "key", base.id),
        rate,
        burst: countOr(member, "burst", rate),
        window_ms: countOr(member, "window_ms", FINDING_DEFAULTS.window_ms),
      };
    }
    case "modify":
      return {
        effect,
        ...base,
        ...(Object.hasOwn(fields, "topic") ? { topic: text(member, "topic") } : {}),
        set: replacements(member),
        remove: removals(member),
        headers: headers(member),
      };
  }
}

const BASE_NAMES = ["id", "reason", "budget"] as const;
const OWN_NAMES: Readonly<Record<FindingEffect, readonly string[]>> = {
  deny: [],
  allow: [],
  require_human: ["approvers", "quorum", "expires_ms"],
  throttle: ["key", "rate", "burst", "window_ms"],
  modify: ["topic", "set", "remove", "headers"],
};

function reasonOf(member: Member): string {
  const { reason } = member.fields;
  if (typeof reason !== "string" || reason === "" || !reason.isWellFormed())
    throw fault(member, "reason", "must be a text");
  if (reason.length <= REASON_CHARS_MAX) return reason;
  // Cutting may split a surrogate pair; half of one is replaced.
  return `${reason.slice(0, REASON_CHARS_MAX - 1)}…`.toWellFormed();
}

function text(member: Member, name: string): string {
  const value = member.fields[name];
  if (typeof value !== "string" || value === "" || value.length > FINDING_TEXT_CHARS_MAX || !value.isWellFormed())
    throw fault(member, name, `must be a text of at most ${FINDING_TEXT_CHARS_MAX} characters`);
  return value;
}

function textOr(member: Member, name: string, otherwise: string): string {
  return Object.hasOwn(member.fields, name) ? text(member, name) : otherwise;
}

function count(member: Member, name: string): number {
  return countIn(member, name, member.fields[name]);
}

function countOr(member: Member, name: string, otherwise: number): number {
  return Object.hasOwn(member.fields, name) ? count(member, name) : otherwise;
}

function countIn(member: Member, name: string, value: JsonValue | undefined): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= FINDING_NUMBER_MAX) return value;
  throw fault(member, name, `must be a whole number from 1 to ${FINDING_NUMBER_MAX}`);
}

function budgetOf(member: Member): { readonly scope: string; readonly amount: number } {
  const { budget } = member.fields;
  if (!isJsonObject(budget)) throw fault(member, "budget", "must be an object");
  const { scope, amount, ...rest } = budget;
  if (typeof scope !== "string" || scope === "" || !scope.isWellFormed() || Object.keys(rest).length > 0)
    throw fault(member, "budget", "must have a scope and an amount, nothing else");
  return { scope, amount: countIn(member, "budget.amount", amount) };
}

function replacements(member: Member): Readonly<Record<string, JsonValue>> {
  const { set = {} } = member.fields;
  if (!isJsonObject(set)) throw fault(member, "set", "must be an object");
  for (const [pointer, value] of Object.entries(set)) {
    checkPointer(member, "set", pointer);
    if (!isExact(value)) throw fault(member, "set", "has a value that JSON can't say exactly");
  }
  if (JSON.stringify(set).length > FINDING_SET_CHARS_MAX) throw fault(member, "set", "is too large");
  return set;
}

function removals(member: Member): readonly string[] {
  const { remove = [] } = member.fields;
  if (!Array.isArray(remove)) throw fault(member, "remove", "must be an array");
  return remove.map((pointer: unknown) => checkPointer(member, "remove", pointer));
}

function headers(member: Member): Readonly<Record<string, string>> {
  const given = member.fields["headers"] ?? {};
  if (!isJsonObject(given)) throw fault(member, "headers", "must be an object");
  const values: [string, string][] = [];
  for (const [name, value] of Object.entries(given)) {
    if (name === "" || typeof value !== "string" || !value.isWellFormed() || !name.isWellFormed())
      throw fault(member, "headers", "must be texts by name");
    values.push([name, value]);
  }
  return Object.fromEntries(values);
}

function checkPointer(member: Member, name: string, pointer: unknown): string {
  if (typeof pointer !== "string" || !pointer.isWellFormed() || parsePointer(pointer) === undefined)
    throw fault(member, name, "must hold RFC 6901 pointers");
  return pointer;
}

/** Whether a value will be in the message as the policy meant it: no half surrogate pair, no number that was rounded or overflowed. */
function isExact(value: JsonValue): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value === "number") return Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (Array.isArray(value)) return value.every((item: JsonValue) => isExact(item));
  if (!isJsonObject(value)) return true;
  return Object.entries(value).every(([key, item]) => key.isWellFormed() && isExact(item));
}

function fault(member: Member, name: string, what: string): ShapeFault {
  const safe = /^[\w.]{1,64}$/.test(name) ? name : "a field";
  return new ShapeFault(`${member.effect} of ${member.rule}: ${safe} ${what}`);
}
