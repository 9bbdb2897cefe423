import {
  decodePayload,
  matchesSubject,
  PAYLOAD_FORM_DEFAULT,
  sha256Hex,
  type HeaderField,
  type Input,
  type Message,
  type PayloadDecoding,
  type PayloadForm,
  type PolicyManifest,
} from "@cortexos/protocol";
import { NO_HEADERS } from "./effects.ts";

/** A message as a policy sees it, before anything is derived: the part of the input that a patch can change. */
export type MessageView = Pick<
  Input["message"],
  "subject" | "reply" | "headers" | "size_bytes" | "format" | "payload" | "payload_sha256"
>;

/** The view of a message whose payload is decoded already. */
export function viewMessage(message: Message, decoded: PayloadDecoding): MessageView {
  return {
    subject: message.subject,
    reply: message.reply,
    headers: headerLists(message.headers),
    size_bytes: message.payload.length,
    format: decoded.ok ? decoded.format : "binary",
    payload: decoded.ok ? decoded.value : null,
    payload_sha256: sha256Hex(message.payload),
  };
}

/** How the payloads of a subject are read. */
export function payloadForm(manifest: PolicyManifest, subject: string): PayloadForm {
  for (const rule of manifest.payloads) if (matchesSubject(rule.subjects, subject)) return rule;
  return PAYLOAD_FORM_DEFAULT;
}

/** Decodes a payload; a fault that no rule could see is a `binary` payload where the bundle leaves the format open. */
export function readPayload(message: Message, form: PayloadForm, payloadIsRead: boolean): PayloadDecoding {
  const decoded = decodePayload(message.payload, form);
  return decoded.ok || !isOpen(form, payloadIsRead) ? decoded : { ok: true, format: "binary", value: null };
}

/** Whether a payload may be anything: the bundle leaves its format open and reads nothing of it. */
export function isOpen(form: PayloadForm, payloadIsRead: boolean): boolean {
  return form.format === "auto" && !payloadIsRead;
}

function headerLists(fields: readonly HeaderField[]): Readonly<Record<string, readonly string[]>> {
  if (fields.length === 0) return NO_HEADERS;
  const lists = new Map<string, string[]>();
  for (const [name, value] of fields) {
    const key = name.toLowerCase();
    const list = lists.get(key);
    if (list === undefined) lists.set(key, [value]);
    else list.push(value);
  }
  return Object.fromEntries(lists);
}
