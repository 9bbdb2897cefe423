import type { JsonObject, JsonValue, MessageEffect } from "@cortexos/protocol";
import { isJsonArray, isJsonObject } from "./json-object.ts";
import type { MessageView } from "./message-view.ts";

/**
 * Every other publish or change that releasing a message can cause on the bus: its reply subject, what `Nats-*` headers ask the server to do, and
 * what a JetStream API request sets up. Too many is safe, too few is a way around the gate.
 */
export function messageEffects(view: MessageView): readonly MessageEffect[] {
  if (view.reply === "" && view.headers === NO_HEADERS && !isJetStreamApi(view.subject)) return NO_EFFECTS;
  const effects: MessageEffect[] = [];
  if (view.reply !== "") effects.push({ kind: "reply", subject: view.reply });
  for (const [name, values] of Object.entries(view.headers)) {
    if (name.startsWith("nats-")) effects.push(...headerEffects(name, values, view.subject));
  }
  if (isJetStreamApi(view.subject)) effects.push(...apiEffects(view));
  return effects.length === 0 ? NO_EFFECTS : effects;
}

/** Whether a subject is a request to JetStream's API, of the default or any other domain. */
export function isJetStreamApi(subject: string): boolean {
  return subject.startsWith("$JS.") && API.test(subject);
}

/** Headers of a message that has none; compared by identity. */
export const NO_HEADERS: Readonly<Record<string, readonly string[]>> = Object.freeze({});

const NO_EFFECTS: readonly MessageEffect[] = Object.freeze([]);
const API = /^\$JS\.(?:[^.]+\.)?API\./;

function headerEffects(name: string, values: readonly string[], subject: string): readonly MessageEffect[] {
  switch (name) {
    case "nats-schedule-target":
      return values.map((value) => ({ kind: "schedule_target", subject: value }));
    case "nats-schedule-source":
      return values.map((value) => ({ kind: "schedule_source", subject: value }));
    case "nats-trace-dest":
      return values.map((value) => ({ kind: "trace_destination", subject: value }));
    case "nats-rollup":
      // `sub` removes what came before on this subject; anything else is taken for `all`, the whole stream.
      return values.map((value) => ({ kind: "rollup", subject: value === "sub" ? subject : ">" }));
    default:
      return [];
  }
}

function apiEffects(view: MessageView): readonly MessageEffect[] {
  const [area = "", verb = "", ...names] = view.subject.replace(API, "").split(".");
  const body = isJsonObject(view.payload) ? view.payload : {};
  if (area === "CONSUMER") return consumerEffects(body);
  if (area !== "STREAM") return [];
  const stream = names.at(-1) ?? "";
  if (verb === "CREATE" || verb === "UPDATE" || verb === "RESTORE") return streamEffects(body);
  if (verb === "PURGE") return [{ kind: "stream_purge", subject: firstText(body, "filter") ?? stream }];
  if (verb === "DELETE") return [{ kind: "stream_delete", subject: stream }];
  return verb === "MSG" && names[0] === "DELETE" ? [{ kind: "message_delete", subject: stream }] : [];
}

function consumerEffects(body: JsonObject): readonly MessageEffect[] {
  return [body, ...objects(members(body, "config"))].flatMap((config) =>
    texts(members(config, "deliver_subject")).map((subject) => ({ kind: "consumer_delivery", subject })),
  );
}

function streamEffects(body: JsonObject): readonly MessageEffect[] {
  return [body, ...objects(members(body, "config"))].flatMap((config) => [
    ...destinations(members(config, "republish"), "stream_republish"),
    ...destinations(members(config, "subject_transform"), "stream_transform"),
    ...objects([...members(config, "mirror"), ...members(config, "sources")]).flatMap(sourceEffects),
  ]);
}

function sourceEffects(source: JsonObject): readonly MessageEffect[] {
  const external = objects(members(source, "external"));
  return [
    ...texts(members(source, "name")).map((subject): MessageEffect => ({ kind: "stream_source", subject })),
    ...texts(external.flatMap((to) => members(to, "deliver"))).map((subject): MessageEffect => ({
      kind: "consumer_delivery",
      subject,
    })),
    ...destinations(members(source, "subject_transforms"), "stream_transform"),
  ];
}

function destinations(values: readonly JsonValue[], kind: MessageEffect["kind"]): readonly MessageEffect[] {
  return texts(objects(values).flatMap((value) => members(value, "dest"))).map((subject) => ({ kind, subject }));
}

function firstText(value: JsonObject, name: string): string | undefined {
  return texts(members(value, name)).find((text) => text !== "");
}

/**
 * Every member whose name nats-server takes for this one: Go's encoding/json matches without regard to case, and folds U+017F and
 * U+212A to `s` and `k`.
 */
function members(value: JsonObject, name: string): readonly JsonValue[] {
  return Object.entries(value).flatMap(([key, member]) => (folded(key) === name ? [member] : []));
}

function folded(key: string): string {
  return key.toUpperCase().toLowerCase();
}

function objects(values: readonly JsonValue[]): readonly JsonObject[] {
  return values.flatMap((value) => (isJsonArray(value) ? value : [value])).filter(isJsonObject);
}

function texts(values: readonly JsonValue[]): readonly string[] {
  return values.filter((value) => typeof value === "string" && value !== "").map(String);
}
