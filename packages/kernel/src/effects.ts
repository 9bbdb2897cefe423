import type { JsonObject, JsonValue, MessageEffect } from "@cortexos/protocol";
import { headerEffects } from "./header-effects.ts";
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
  if (view.headers !== NO_HEADERS) effects.push(...headerEffects(view.headers, view.subject));
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

function apiEffects(view: MessageView): readonly MessageEffect[] {
  const [area = "", verb = "", ...names] = view.subject.replace(API, "").split(".");
  const body = isJsonObject(view.payload) ? view.payload : {};
  switch (area) {
    case "CONSUMER":
      return CONSUMER_VERBS.has(verb) ? consumerEffects(body) : [unknown(view.subject)];
    case "STREAM":
      return streamRequest(body, { subject: view.subject, verb, names });
    case "INFO":
    case "DIRECT":
      return [];
    default:
      return [unknown(view.subject)];
  }
}

/** What they do to a consumer is done by its owner: only where it delivers is somebody else's matter. */
const CONSUMER_VERBS: ReadonlySet<string> = new Set([
  "CREATE",
  "DELETE",
  "DURABLE",
  "INFO",
  "LIST",
  "MSG",
  "NAMES",
  "PAUSE",
  "UNPIN",
]);

interface StreamRequest {
  readonly subject: string;
  readonly verb: string;
  readonly names: readonly string[];
}

function streamRequest(body: JsonObject, { names, subject, verb }: StreamRequest): readonly MessageEffect[] {
  const stream = names.at(-1) ?? "";
  switch (verb) {
    case "INFO":
    case "LIST":
    case "NAMES":
      return [];
    case "CREATE":
    case "UPDATE":
    case "RESTORE":
      return streamEffects(body);
    case "PURGE":
      return purgeEffects(body, stream);
    case "DELETE":
      return [{ kind: "stream_delete", subject: stream }];
    case "SNAPSHOT":
      return deliveries(body);
    case "MSG":
      if (names[0] === "GET") return [];
      return [names[0] === "DELETE" ? { kind: "message_delete", subject: stream } : unknown(subject)];
    default:
      return [unknown(subject)];
  }
}

/** The server takes the last of several filters, and an empty one for none: what each would purge, and all of it when in doubt. */
function purgeEffects(body: JsonObject, stream: string): readonly MessageEffect[] {
  const filters = members(body, "filter");
  const named = texts(filters).map((subject): MessageEffect => ({ kind: "stream_purge", subject }));
  return named.length === filters.length && named.length > 0
    ? named
    : [...named, { kind: "stream_purge", subject: stream }];
}

function unknown(subject: string): MessageEffect {
  return { kind: "unknown", subject };
}

function deliveries(config: JsonObject): readonly MessageEffect[] {
  return texts(members(config, "deliver_subject")).map((subject) => ({ kind: "consumer_delivery", subject }));
}

function consumerEffects(body: JsonObject): readonly MessageEffect[] {
  return [body, ...objects(members(body, "config"))].flatMap(deliveries);
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
    ...texts(external.flatMap((to) => members(to, "api"))).map((prefix): MessageEffect => ({
      kind: "external_api",
      subject: `${prefix}.>`,
    })),
    ...destinations(members(source, "subject_transforms"), "stream_transform"),
  ];
}

function destinations(values: readonly JsonValue[], kind: MessageEffect["kind"]): readonly MessageEffect[] {
  return texts(objects(values).flatMap((value) => members(value, "dest"))).map((subject) => ({ kind, subject }));
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
