import {
  canonicalJson,
  checkHeaders,
  checkPublishSubject,
  encodePayload,
  getPointer,
  matchesPointer,
  matchesSubject,
  parsePointer,
  removePointer,
  setPointer,
  sha256Hex,
  type HeaderField,
  type JsonValue,
  type Message,
  type PolicyManifest,
  type ReasonCode,
} from "@cortexos/protocol";
import { jobClaims, NO_CLAIMS } from "./job-claims.ts";
import { payloadForm, type MessageView } from "./message-view.ts";
import type { Patch } from "./patch-merge.ts";

/** Largest payload that a patch may make, unless the message was as large before. NATS's own default limit. */
export const PATCHED_PAYLOAD_BYTES_MAX = 1_048_576;

/** What patches have changed in a message so far, to be applied to the message itself. */
export interface MessageChange {
  readonly subject: string;
  /** Header values by name as the rules wrote it; each replaces all of that name. */
  readonly headers: readonly HeaderField[];
  /** The new payload; absent when it stays as it came. */
  readonly payload?: Uint8Array;
}

/** What became of a message by a patch. */
export type Patched =
  | { readonly ok: true; readonly changed: boolean; readonly view: MessageView; readonly change: MessageChange }
  | { readonly ok: false; readonly code: ReasonCode; readonly reason: string };

/**
 * Applies a patch to a message as policies see it. The manifest must declare every place; identity, tenant and the reply subject
 * are never changed.
 */
export function applyPatch(view: MessageView, patch: Patch, manifest: PolicyManifest): Patched {
  const undeclared = findUndeclared(view.subject, patch, manifest);
  if (undeclared !== undefined) return failed("patch.not_modifiable", `${undeclared} is not declared modifiable`);
  const payload = changedPayload(view.payload, patch);
  if (payload === undefined) return failed("patch.target", "a rule changes a place that the payload doesn't have");
  const form = payloadForm(manifest, view.subject);
  if (!hasSameIdentity(view, payload, form.type)) return failed("patch.identity", "a rule changes identity or tenant");
  if (canonicalJson(payload) === canonicalJson(view.payload)) return patched(view, patch, undefined);
  const bytes = encodePayload(payload, view.format, form.type);
  if (bytes === undefined) return failed("patch.encoding", "the changed payload can't be encoded");
  if (bytes.length > Math.max(PATCHED_PAYLOAD_BYTES_MAX, view.size_bytes)) {
    return failed("patch.size", "the changed payload is too large");
  }
  return patched(view, patch, { bytes, value: payload });
}

/** The message with everything that patches changed. */
export function changeMessage(message: Message, change: MessageChange): Message {
  const names = new Set(change.headers.map(([name]) => name.toLowerCase()));
  const kept = message.headers.filter(([name]) => !names.has(name.toLowerCase()));
  return {
    subject: change.subject,
    reply: message.reply,
    headers: change.headers.length === 0 ? message.headers : [...kept, ...change.headers],
    payload: change.payload ?? message.payload,
  };
}

/** What two rounds of patches change together. */
export function joinChanges(first: MessageChange, second: MessageChange): MessageChange {
  const later = new Set(second.headers.map(([name]) => name.toLowerCase()));
  const payload = second.payload ?? first.payload;
  return {
    subject: second.subject,
    headers: [...first.headers.filter(([name]) => !later.has(name.toLowerCase())), ...second.headers],
    ...(payload === undefined ? {} : { payload }),
  };
}

function failed(code: ReasonCode, reason: string): Patched {
  return { ok: false, code, reason };
}

function patched(view: MessageView, patch: Patch, payload: ChangedPayload | undefined): Patched {
  const fields = patch.headers.filter(([name, value]) => !isHeaderAlready(view, name, value));
  const headers = Object.fromEntries([
    ...Object.entries(view.headers),
    ...fields.map(([name, value]) => [name.toLowerCase(), [value]] as const),
  ]);
  const fault = fields.length === 0 ? undefined : checkHeaders(flatHeaders(headers));
  if (fault !== undefined) return failed("patch.encoding", fault);
  const subject = patch.topic ?? view.subject;
  const changed = payload !== undefined || fields.length > 0 || subject !== view.subject;
  if (!changed) return { ok: true, changed, view, change: { subject, headers: [] } };
  return {
    ok: true,
    changed,
    view: {
      ...view,
      subject,
      headers: fields.length === 0 ? view.headers : headers,
      ...(payload === undefined ? {} : payloadView(payload)),
    },
    change: { subject, headers: fields, ...(payload === undefined ? {} : { payload: payload.bytes }) },
  };
}

interface ChangedPayload {
  readonly bytes: Uint8Array;
  readonly value: JsonValue;
}

function payloadView({ bytes, value }: ChangedPayload): Pick<MessageView, "payload" | "payload_sha256" | "size_bytes"> {
  return { payload: value, payload_sha256: sha256Hex(bytes), size_bytes: bytes.length };
}

function isHeaderAlready(view: MessageView, name: string, value: string): boolean {
  const key = name.toLowerCase();
  const values = Object.hasOwn(view.headers, key) ? view.headers[key] : undefined;
  return values?.length === 1 && values[0] === value;
}

function flatHeaders(headers: MessageView["headers"]): readonly HeaderField[] {
  return Object.entries(headers).flatMap(([name, values]) => values.map((value) => [name, value] as const));
}

function changedPayload(payload: JsonValue, patch: Patch): JsonValue | undefined {
  let value = payload;
  for (const { segments, value: member } of patch.changes) {
    const next = member === undefined ? without(value, segments) : setPointer(value, segments, member);
    if (next === undefined) return undefined;
    value = next;
  }
  return value;
}

/** Taking away what isn't there changes nothing; only the whole payload can't be taken away. */
function without(value: JsonValue, segments: readonly string[]): JsonValue | undefined {
  if (segments.length === 0) return undefined;
  return removePointer(value, segments) ?? value;
}

const IDENTITY = [["job_id"], ["meta", "tenant"], ["meta", "environment"]] as const;

/** A job request's identity and tenant are its sender's word, and stay so. */
function hasSameIdentity(view: MessageView, payload: JsonValue, type: string | undefined): boolean {
  if (jobClaims(view.subject, type, view.payload) === NO_CLAIMS) return true;
  return IDENTITY.every((path) => getPointer(view.payload, path) === getPointer(payload, path));
}

/** The first place that a patch changes and the manifest doesn't name. */
function findUndeclared(subject: string, patch: Patch, manifest: PolicyManifest): string | undefined {
  const rules = manifest.modifiable.filter((rule) => matchesSubject(rule.subjects, subject));
  const patterns = rules.flatMap((rule) => rule.pointers.map(parsePointer)).filter((pattern) => pattern !== undefined);
  const pointer = patch.changes.find(
    (change) =>
      parsePointer(change.pointer) === undefined ||
      !patterns.some((pattern) => matchesPointer(pattern, change.segments)),
  );
  if (pointer !== undefined) return `\`${pointer.pointer}\``;
  const names = new Set(rules.flatMap((rule) => rule.headers));
  const header = patch.headers.find(([name]) => isIdentityHeader(name) || !names.has(name.toLowerCase()));
  if (header !== undefined) return `header \`${header[0]}\``;
  const { topic } = patch;
  if (topic === undefined || topic === subject) return undefined;
  const topics = rules.flatMap((rule) => rule.topics);
  const declared = checkPublishSubject(topic) === undefined && topics.some((pattern) => matchesSubject(pattern, topic));
  return declared && hasSameForm(subject, topic, manifest) ? undefined : `subject \`${topic}\``;
}

/** Headers by which the gate itself says who a message is from. */
function isIdentityHeader(name: string): boolean {
  return name.toLowerCase().startsWith("cortexos-");
}

/** Whoever reads the new subject must read the payload as it was decided. */
function hasSameForm(subject: string, topic: string, manifest: PolicyManifest): boolean {
  const [before, after] = [payloadForm(manifest, subject), payloadForm(manifest, topic)];
  return before.format === after.format && before.type === after.type;
}
