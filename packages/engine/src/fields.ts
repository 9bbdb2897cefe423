import type { JsonObject, JsonValue } from "@cortexos/protocol";
import { EngineError, type EngineErrorCode } from "./errors.ts";

/** One value of a document with its place, read by exactly the reader that its field asks for. */
export interface Field {
  /** Where it is, for people: `metadata.cortexos.records[0].durability`. */
  readonly at: string;
  /** The value, or `undefined` when the field isn't there. */
  readonly value: JsonValue | undefined;
  /** @throws EngineError naming the field. */
  fail(wanted: string): never;
}

/** The document itself as a field. */
export function rootField(code: EngineErrorCode, at: string, value: JsonValue | undefined): Field {
  return {
    at,
    value,
    fail(wanted) {
      throw new EngineError(code, `${at}: ${value === undefined ? "missing" : `must be ${wanted}`}`);
    },
  };
}

/**
 * The members of an object field.
 *
 * @param names - every member that may be there; any other is refused.
 * @param code - of the error that is thrown for a wrong field.
 */
export function readMembers<Name extends string>(
  field: Field,
  names: readonly Name[],
  code: EngineErrorCode,
): (name: Name) => Field {
  const object = readObject(field);
  const known: readonly string[] = names;
  for (const key of Object.keys(object)) {
    if (!known.includes(key)) throw new EngineError(code, `${join(field.at, key)}: unknown field`);
  }
  return (name) => rootField(code, join(field.at, name), Object.hasOwn(object, name) ? object[name] : undefined);
}

/** An object field with whatever members. */
export function readObject(field: Field): JsonObject {
  const { value } = field;
  if (!isJsonObject(value)) return field.fail("an object");
  return value;
}

export function readText(field: Field): string {
  return typeof field.value === "string" ? field.value : field.fail("a string");
}

/** A string that a pattern describes in words. */
export function readMatching(field: Field, pattern: RegExp, wanted: string): string {
  const text = readText(field);
  return pattern.test(text) ? text : field.fail(wanted);
}

export function readFlag(field: Field): boolean {
  return typeof field.value === "boolean" ? field.value : field.fail("true or false");
}

export function readCounter(field: Field): number {
  const { value } = field;
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0
    ? value
    : field.fail("a whole number, 0 or more");
}

export function readChoice<Choice extends JsonValue>(field: Field, choices: readonly Choice[]): Choice {
  const choice = choices.find((candidate) => candidate === field.value);
  return choice === undefined ? field.fail(`one of ${choices.map((c) => JSON.stringify(c)).join(", ")}`) : choice;
}

/** Reads every item of an array field. */
export function readList<Item>(field: Field, code: EngineErrorCode, read: (item: Field) => Item): readonly Item[] {
  const { value } = field;
  if (!isJsonArray(value)) return field.fail("an array");
  return value.map((item, i) => read(rootField(code, `${field.at}[${i}]`, item)));
}

/** An optional field: `undefined` when it isn't there. */
export function readOptional<Value>(field: Field, read: (field: Field) => Value): Value | undefined {
  return field.value === undefined ? undefined : read(field);
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isJsonArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function join(at: string, name: string): string {
  const safe = /^[\w.-]{1,64}$/.test(name) ? name : JSON.stringify(name.slice(0, 64));
  return at === "" ? safe : `${at}.${safe}`;
}
